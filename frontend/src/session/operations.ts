/** The operations of signing in and out. */
import { Failure, request } from "./request.ts";

export type Role = "ADMIN" | "MEMBER" | "VIEWER";

/** Who is signed in. */
export interface User {
  readonly id: string;
  readonly username: string;
  readonly displayName: string;
  readonly role: Role;
}

/** What a sign-in or a refresh gives. The refresh token is in an HttpOnly cookie that no script sees. */
export interface Grant {
  readonly accessToken: string;
  /** When the access token ends, on this machine's clock, in milliseconds since 1970. */
  readonly endsAt: number;
  readonly user: User;
}

interface Session {
  readonly accessToken: string;
  readonly expiresAt: string;
  readonly user: User;
}

const SESSION = "{ accessToken expiresAt user { id username displayName role } }";

async function granted(operation: string, variables: Readonly<Record<string, unknown>>): Promise<Grant> {
  const { data, serverTime } = await request<{ session: Session | null }>(operation, variables);
  if (data.session === null) throw new Failure("UNREADABLE", "The server gave no session and no reason.");
  const { accessToken, expiresAt, user } = data.session;
  // The two clocks may differ: only the server's can say how long the token is good.
  return { accessToken, endsAt: Date.now() + (Date.parse(expiresAt) - serverTime), user };
}

export function login(username: string, password: string): Promise<Grant> {
  const operation = `mutation ($username: String!, $password: String!) {
    session: login(username: $username, password: $password) ${SESSION}
  }`;
  return granted(operation, { username, password });
}

/** The next access token, by the cookie. */
export function refresh(): Promise<Grant> {
  return granted(`mutation { session: refresh ${SESSION} }`, {});
}

/** Makes the first user, by the token of the link that the server printed. */
export function setUp(token: string, username: string, password: string): Promise<Grant> {
  const operation = `mutation ($token: String!, $username: String!, $password: String!) {
    session: setUp(token: $token, username: $username, password: $password) ${SESSION}
  }`;
  return granted(operation, { token, username, password });
}

export async function logout(accessToken: string): Promise<void> {
  await request("mutation { logout }", {}, accessToken);
}
