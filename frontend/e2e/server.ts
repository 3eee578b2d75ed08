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
  readonly #process: ChildProcess;
  readonly #directory: string;
  /** What it said it listens on and opened, by the first word or the two: `listening http`, `set-up`. */
  readonly #said: ReadonlyMap<string, string>;

  private constructor(process: ChildProcess, directory: string, said: ReadonlyMap<string, string>) {
    this.#process = process;
    this.#directory = directory;
    this.#said = said;
  }

  /** Starts one and waits until it listens. With a password it has a user `admin`; without, a set-up link. */
  static async start(adminPassword?: string): Promise<Server> {
    const directory = await mkdtemp(join(tmpdir(), "tailwater-pages-"));
    const free = "127.0.0.1:0";
    const child = spawn(executable(), ["serve"], {
      cwd: directory,
      env: {
        PATH: process.env["PATH"] ?? "",
        TAILWATER_DATABASE_URL: `sqlite://${join(directory, "tailwater.db")}`,
        TAILWATER_HTTP: free,
        TAILWATER_TCP: free,
        TAILWATER_UDP: free,
        ...(adminPassword !== undefined && { TAILWATER_ADMIN_PASSWORD: adminPassword }),
      },
      stdio: ["ignore", "pipe", "inherit"],
    });
    const last = adminPassword === undefined ? "set-up" : "listening http";
    return new Server(child, directory, await heard(child, ["listening http", "listening udp", last]));
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

  /** Stops it as a service manager does. */
  async stop(): Promise<void> {
    const exit = once(this.#process, "exit");
    this.#process.kill("SIGTERM");
    const [code] = await exit;
    await rm(this.#directory, { recursive: true });
    if (code !== 0) throw new Error(`the server ended with ${code}`);
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
