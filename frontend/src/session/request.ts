/** One GraphQL operation over HTTP, and what can go wrong with it. */

/** The codes that the server gives its errors (`extensions.code`), and two of our own: `UNREACHABLE` when no
 * answer came, `UNREADABLE` when what came is no GraphQL answer. */
export type Code =
  | "BAD_USER_INPUT"
  | "UNAUTHENTICATED"
  | "FORBIDDEN"
  | "TOO_MANY_ATTEMPTS"
  | "NOT_FOUND"
  | "CONFLICT"
  | "TIMEOUT"
  | "UNAVAILABLE"
  | "DAMAGED"
  | "INTERNAL"
  | "UNREACHABLE"
  | "UNREADABLE";

/** What the server says of an error besides its code and message. */
export interface Details {
  /** When it makes sense to try again, in seconds; with `TOO_MANY_ATTEMPTS`. */
  readonly retryAfter?: number;
  /** The argument that is wrong, as a path: `filter.query`. */
  readonly argument?: string;
  /** Where in the argument's text, in characters from 1. */
  readonly column?: number;
  /** Why a subscription has ended. */
  readonly reason?: "EXPIRED" | "REVOKED";
  /** The first and the last of the records that cannot be read; with `DAMAGED`. */
  readonly firstId?: string;
  readonly lastId?: string;
  /** The name of the error in the server's own log. */
  readonly errorId?: string;
}

/** An operation that failed. The message is for people. */
export class Failure extends Error {
  readonly code: Code;
  readonly details: Details;

  constructor(code: Code, message: string, details: Details = {}) {
    super(message);
    this.name = "Failure";
    this.code = code;
    this.details = details;
  }

  /** An error as it stands in an answer. */
  static of({ message, extensions }: PublicError): Failure {
    const { code, ...details } = extensions ?? {};
    return new Failure(code ?? "UNREADABLE", message, details);
  }
}

/** An answer's data, and the server's clock at that moment, by the `Date` header; ours where there is none. */
export interface Answer<Data> {
  readonly data: Data;
  readonly serverTime: number;
}

/** An error of an answer. */
export interface PublicError {
  readonly message: string;
  readonly extensions?: Details & { readonly code?: Code };
}

/** Sends an operation, with an access token if there is one.
 * @throws {Failure} whatever goes wrong */
export async function request<Data>(
  query: string,
  variables: Readonly<Record<string, unknown>>,
  accessToken?: string,
): Promise<Answer<Data>> {
  const headers: Record<string, string> = {
    accept: "application/graphql-response+json",
    "content-type": "application/json",
  };
  if (accessToken !== undefined) headers["authorization"] = `Bearer ${accessToken}`;
  const body = JSON.stringify({ query, variables });
  const response = await fetch("/graphql", { method: "POST", headers, body }).catch(() => {
    throw new Failure("UNREACHABLE", "The server cannot be reached.");
  });
  return { data: await dataOf<Data>(response), serverTime: serverTime(response) };
}

async function dataOf<Data>(response: Response): Promise<Data> {
  const unreadable = () =>
    new Failure("UNREADABLE", `The server's answer makes no sense (HTTP status ${response.status}).`);
  const answer: unknown = await response.json().catch(() => {
    throw unreadable();
  });
  if (typeof answer !== "object" || answer === null) throw unreadable();
  const { data, errors } = answer as { data?: Data | null; errors?: readonly PublicError[] };
  const error = errors?.[0];
  if (error !== undefined) throw Failure.of(error);
  if (data === undefined || data === null) throw unreadable();
  return data;
}

function serverTime(response: Response): number {
  const date = Date.parse(response.headers.get("date") ?? "");
  return Number.isNaN(date) ? Date.now() : date;
}
