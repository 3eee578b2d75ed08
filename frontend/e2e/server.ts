/** A real `tailwater serve` for a test: its own database in a directory of its own, on free ports. */
import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";
import { expect } from "vitest";

import { written, type Line } from "./lines.ts";
import { eventsOf } from "./events.ts";

export const PASSWORD = "correct horse battery";

/** Where it listens: anywhere at first, where it was before after that. */
const ANYWHERE = { http: "127.0.0.1:0", tcp: "127.0.0.1:0", udp: "127.0.0.1:0" };

export class Server {
  readonly #directory: string;
  readonly #adminPassword: string | undefined;
  #process: ChildProcess | undefined;
  /** What it said of itself: `listening http`, `listening udp`, `set-up`, each with its address. */
  #said: ReadonlyMap<string, string> = new Map();
  #token: Promise<string> | undefined;

  private constructor(directory: string, adminPassword: string | undefined) {
    this.#directory = directory;
    this.#adminPassword = adminPassword;
  }

  /** Starts one and waits until it listens. With a password it has a user `admin`; without, a set-up link. */
  static async start(adminPassword?: string): Promise<Server> {
    const server = new Server(await mkdtemp(join(tmpdir(), "tailwater-pages-")), adminPassword);
    await server.#run(ANYWHERE);
    return server;
  }

  /** Starts it again over the same database, where the pages and the senders find it again. */
  async startAgain(): Promise<void> {
    await this.#run({ http: new URL(this.url("/")).host, tcp: this.#word("listening tcp"), udp: this.#word("listening udp") });
  }

  /** Ends the process and starts another one. */
  async restart(): Promise<void> {
    await this.#end();
    await this.startAgain();
  }

  /** Ends the process without a warning: kill -9. */
  async kill(): Promise<void> {
    const child = this.#process;
    if (child === undefined) return;
    this.#process = undefined;
    const exit = once(child, "exit");
    child.kill("SIGKILL");
    await exit;
  }

  /** The address of a page. */
  url(path: string): string {
    return new URL(path, `http://${this.#word("listening http").replace(/^http:\/\//, "")}`).href;
  }

  /** Where lines are sent to. */
  get tcp(): string {
    return `tcp://${this.#word("listening tcp")}`;
  }

  /** The link to make the first user. */
  get setUpLink(): string {
    return this.#word("set-up");
  }

  /** Sends lines by `tailwater send`, and waits until they are stored. */
  async send(...lines: readonly (Line | string)[]): Promise<void> {
    const heads = this.#heads();
    const { value: before } = await heads.next();
    const text = lines.map((line) => written(typeof line === "string" ? { message: line } : line));
    const sender = spawn(executable(), ["send", "--to", this.tcp, "--framing", "octet", "-"], { stdio: ["pipe", "ignore", "ignore"] });
    sender.stdin.end(`${text.join("\n")}\n`);
    const [code] = await once(sender, "exit");
    if (code !== 0) throw new Error(`tailwater send ended with ${code}`);
    for await (const head of heads) {
      if (head >= before + lines.length) return;
    }
    throw new Error("the lines were not stored");
  }

  /** Sends made-up lines by `tailwater send` to the last one, and says how many. */
  async sends(...options: readonly string[]): Promise<number> {
    const said = await this.#command("send", "--to", this.tcp, "--json", ...options);
    return (JSON.parse(said) as { sent: number }).sent;
  }

  /** Waits until so many records are stored. */
  async holds(count: number): Promise<void> {
    for await (const head of this.#heads()) {
      if (head >= count) return;
    }
  }

  /** Sends made-up lines by `tailwater send`, until the function that it returns is called. */
  sending(...options: readonly string[]): () => Promise<void> {
    const sender = spawn(executable(), ["send", "--to", this.tcp, ...options], { stdio: "ignore" });
    const exit = once(sender, "exit");
    return async () => {
      sender.kill("SIGTERM");
      await exit;
    };
  }

  /** Waits until what senders sent that have gone is stored: their connections were read to the end, and nothing is on its way. */
  async hasStoredAll(): Promise<void> {
    const document = "{ pipeline { inFlight nodes { state connections } } }";
    const left = async () => {
      const { pipeline }: { pipeline: Books } = await this.ask(document, {});
      const up = pipeline.nodes.filter(({ state }) => state === "UP");
      return { inFlight: pipeline.inFlight, connections: up.reduce((sum, { connections }) => sum + connections, 0) };
    };
    await expect.poll(left).toEqual({ inFlight: 0, connections: 0 });
  }

  /** Every record in the order of its storing, as far as a filter lets it through: the truth that pages are held against. */
  async stored(query: string): Promise<readonly { readonly id: string; readonly message: string }[]> {
    const document = `query ($query: String!, $after: String) {
      logs(filter: { query: $query }, first: 1000, after: $after, orderBy: ARRIVAL) {
        edges { node { id message } } pageInfo { hasNextPage endCursor }
      }
    }`;
    const found: { readonly id: string; readonly message: string }[] = [];
    for (let after: string | null = null; ; ) {
      const { logs }: { logs: Page } = await this.ask(document, { query, after });
      found.push(...logs.edges.map(({ node }) => node));
      if (!logs.pageInfo.hasNextPage) return found.toReversed();
      after = logs.pageInfo.endCursor;
    }
  }

  /** Asks something, with the token of a program unless another is given. */
  async ask<Data>(query: string, variables: object, token?: string | null): Promise<Data> {
    const own = token === undefined ? await this.#programToken() : token;
    const headers = { "content-type": "application/json", ...(own !== null && { authorization: `Bearer ${own}` }) };
    const body = JSON.stringify({ query, variables });
    const response = await fetch(this.url("/graphql"), { method: "POST", headers, body });
    const { data, errors } = (await response.json()) as { data: Data; errors?: unknown };
    if (errors !== undefined) throw new Error(JSON.stringify(errors));
    return data;
  }

  /** Ends all sessions of a user, as that user does elsewhere. */
  async endEverySession(username: string, password: string): Promise<void> {
    const credentials = "$username: String!, $password: String!";
    const login = `mutation (${credentials}) { login(username: $username, password: $password) { accessToken } }`;
    const { login: session } = await this.ask<{ login: { accessToken: string } }>(login, { username, password }, null);
    await this.ask("mutation { endSessions }", {}, session.accessToken);
  }

  /** Makes a user, with the password that all have here. */
  async makeUser(username: string, role: "VIEWER" | "MEMBER" | "ADMIN"): Promise<void> {
    const input = { username, role, password: PASSWORD };
    await this.ask("mutation ($input: NewUser!) { createUser(input: $input) { id } }", { input });
  }

  /** Stops it as a service manager does, and removes what it kept. */
  async stop(): Promise<void> {
    await this.#end();
    await rm(this.#directory, { recursive: true });
  }

  async #run({ http, tcp, udp }: typeof ANYWHERE): Promise<void> {
    const password = this.#adminPassword;
    const child = spawn(executable(), ["serve"], {
      cwd: this.#directory,
      env: {
        ...this.#environment(),
        TAILWATER_HTTP: http,
        TAILWATER_TCP: tcp,
        TAILWATER_UDP: udp,
        ...(password !== undefined && { TAILWATER_ADMIN_PASSWORD: password }),
      },
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.#process = child;
    const last = password === undefined ? "set-up" : "listening http";
    this.#said = await heard(child, ["listening http", "listening udp", "listening tcp", last]);
    // It listens before its database is open.
    while (!(await fetch(this.url("/readyz"))).ok) await setTimeout(20);
  }

  async #end(): Promise<void> {
    const child = this.#process;
    if (child === undefined) return;
    this.#process = undefined;
    const exit = once(child, "exit");
    child.kill("SIGTERM");
    const [code] = await exit;
    if (code !== 0) throw new Error(`the server ended with ${code}`);
  }

  /** The position of the newest record, now and whenever there are others. */
  async *#heads(): AsyncGenerator<number, never> {
    const headers = { "content-type": "application/json", accept: "text/event-stream", authorization: `Bearer ${await this.#programToken()}` };
    const body = JSON.stringify({ query: "subscription { tail { cursor } }" });
    const response = await fetch(this.url("/graphql"), { method: "POST", headers, body });
    for await (const event of eventsOf(response)) {
      const { data } = event as { data: { tail: { cursor: string } } };
      yield Number(data.tail.cursor.split("-").at(-1));
    }
    throw new Error("the feed of the server has ended");
  }

  /** A token that no end of a session ends. */
  #programToken(): Promise<string> {
    return (this.#token ??= this.#command("token", "create", "tests", "--user", "admin", "--scope", "admin").then((said) => /tw_\S+/.exec(said)?.[0] ?? ""));
  }

  async #command(...words: readonly string[]): Promise<string> {
    const { stdout } = await promisify(execFile)(executable(), words, { cwd: this.#directory, env: this.#environment() });
    return stdout;
  }

  #environment(): Record<string, string> {
    return { PATH: process.env["PATH"] ?? "", TAILWATER_DATABASE_URL: `sqlite://${join(this.#directory, "tailwater.db")}` };
  }

  #word(key: string): string {
    const value = this.#said.get(key);
    if (value === undefined) throw new Error(`the server did not say "${key}"`);
    return value;
  }
}

interface Books {
  readonly inFlight: number;
  readonly nodes: readonly { readonly state: string; readonly connections: number }[];
}

interface Page {
  readonly edges: readonly { readonly node: { readonly id: string; readonly message: string } }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

/** The executable that is tested. */
export function executable(): string {
  const path = process.env["TAILWATER_BIN"];
  if (path === undefined) throw new Error("TAILWATER_BIN does not name an executable: use scripts/browser-test");
  return path;
}

/** Reads what a server says of itself until it has said all of `keys`. */
async function heard(child: ChildProcess, keys: readonly string[]): Promise<ReadonlyMap<string, string>> {
  if (child.stdout === null) throw new Error("the server's output is not read");
  const said = new Map<string, string>();
  for await (const line of createInterface(child.stdout)) {
    const [, key, value] = /^(listening \w+|[\w-]+)\s+(\S+)/.exec(line) ?? [];
    if (key !== undefined && value !== undefined) said.set(key, value);
    if (keys.every((wanted) => said.has(wanted))) {
      // What it says from now on is for nobody, and must not fill the pipe.
      child.stdout.resume();
      return said;
    }
  }
  throw new Error("the server ended before it listened");
}
