/** A real `tailwater serve` for a test: its own database in a directory of its own, on free ports. */
import { spawn, type ChildProcess } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

export const PASSWORD = "correct horse battery";

export class Server {
  readonly #directory: string;
  readonly #adminPassword: string | undefined;
  #process: ChildProcess | undefined;
  /** What it said of itself: `listening http`, `listening udp`, `set-up`, each with its address. */
  #said: ReadonlyMap<string, string> = new Map();

  private constructor(directory: string, adminPassword: string | undefined) {
    this.#directory = directory;
    this.#adminPassword = adminPassword;
  }

  /** Starts one and waits until it listens. With a password it has a user `admin`; without, a set-up link. */
  static async start(adminPassword?: string): Promise<Server> {
    const server = new Server(await mkdtemp(join(tmpdir(), "tailwater-pages-")), adminPassword);
    await server.#run("127.0.0.1:0");
    return server;
  }

  /** Ends the process and starts another one over the same database, where the pages find it again. */
  async restart(): Promise<void> {
    const { host } = new URL(this.url("/"));
    await this.#end();
    await this.#run(host);
  }

  /** The address of a page. */
  url(path: string): string {
    return new URL(path, `http://${this.#word("listening http").replace(/^http:\/\//, "")}`).href;
  }

  /** The link to make the first user. */
  get setUpLink(): string {
    return this.#word("set-up");
  }

  /** Sends a line as syslog over UDP. */
  async send(line: string): Promise<void> {
    const [host, port] = this.#word("listening udp").split(":");
    const socket = createSocket("udp4");
    await new Promise<void>((resolve, reject) => {
      const sent = (error: Error | null) => (error === null ? resolve() : reject(error));
      socket.send(`<14>1 - web-1 test - - - ${line}`, Number(port), host, sent);
    });
    socket.close();
  }

  /** Ends all sessions of a user, as that user does elsewhere. */
  async endEverySession(username: string, password: string): Promise<void> {
    const credentials = "$username: String!, $password: String!";
    const login = `mutation (${credentials}) { login(username: $username, password: $password) { accessToken } }`;
    const { login: session } = await this.#ask<{ login: { accessToken: string } }>(login, { username, password });
    await this.#ask("mutation { endSessions }", {}, session.accessToken);
  }

  /** Stops it as a service manager does, and removes what it kept. */
  async stop(): Promise<void> {
    await this.#end();
    await rm(this.#directory, { recursive: true });
  }

  async #run(http: string): Promise<void> {
    const password = this.#adminPassword;
    const child = spawn(executable(), ["serve"], {
      cwd: this.#directory,
      env: {
        PATH: process.env["PATH"] ?? "",
        TAILWATER_DATABASE_URL: `sqlite://${join(this.#directory, "tailwater.db")}`,
        TAILWATER_HTTP: http,
        TAILWATER_TCP: "127.0.0.1:0",
        TAILWATER_UDP: "127.0.0.1:0",
        ...(password !== undefined && { TAILWATER_ADMIN_PASSWORD: password }),
      },
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.#process = child;
    const last = password === undefined ? "set-up" : "listening http";
    this.#said = await heard(child, ["listening http", "listening udp", last]);
  }

  async #end(): Promise<void> {
    const child = this.#process;
    if (child === undefined) return;
    const exit = once(child, "exit");
    child.kill("SIGTERM");
    const [code] = await exit;
    if (code !== 0) throw new Error(`the server ended with ${code}`);
  }

  async #ask<Data>(query: string, variables: object, token?: string): Promise<Data> {
    const headers = { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) };
    const body = JSON.stringify({ query, variables });
    const response = await fetch(this.url("/graphql"), { method: "POST", headers, body });
    const { data, errors } = (await response.json()) as { data: Data; errors?: unknown };
    if (errors !== undefined) throw new Error(JSON.stringify(errors));
    return data;
  }

  #word(key: string): string {
    const value = this.#said.get(key);
    if (value === undefined) throw new Error(`the server did not say "${key}"`);
    return value;
  }
}

function executable(): string {
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
