// A real `tailwater serve` in a directory of its own, on free ports of loopback.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import readline from 'node:readline';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

const ADMIN_PASSWORD = 'only for tests';

// How long a test waits for what must come; reached only when something is broken.
const PATIENCE = 60_000;

/** A running server with the token of its admin. */
export class Server {
  #process;
  #directory;
  #log = [];

  /** Starts one with further variables (`{ TLS_CERT: … }` without their prefix) and signs in. */
  static async start(variables = {}) {
    const binary = process.env.TAILWATER_BIN;
    assert(binary, 'TAILWATER_BIN names the executable that is tested');
    const server = new Server();
    server.#directory = await mkdtemp(path.join(os.tmpdir(), 'tailwater-protocols-'));
    const settings = {
      CONFIG: '/dev/null',
      DATABASE_URL: `sqlite://${server.#directory}/log.db`,
      UDP: 'off',
      TCP: '127.0.0.1:0',
      HTTP: '127.0.0.1:0',
      LOG_LEVEL: 'debug,sqlx=info,hyper=info',
      ADMIN_PASSWORD,
      ...variables,
    };
    const entries = Object.entries(settings).map(([name, value]) => [`TAILWATER_${name}`, value]);
    server.#process = spawn(path.resolve(binary), ['serve'], {
      env: { PATH: process.env.PATH, ...Object.fromEntries(entries) },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    readline.createInterface({ input: server.#process.stderr }).on('line', (line) => {
      server.#log.push(line);
    });
    try {
      await server.#readAddresses();
      await server.#ready();
      server.token = await server.#signIn();
    } catch (error) {
      await server.stop();
      throw new Error(`the server did not start\n${server.log()}`, { cause: error });
    }
    return server;
  }

  async #readAddresses() {
    const lines = readline.createInterface({ input: this.#process.stdout });
    for await (const line of lines) {
      const [listening, kind, address] = line.split(/\s+/);
      if (listening !== 'listening') continue;
      if (kind === 'tcp') this.tcp = Number(address.split(':').at(-1));
      if (kind === 'http') {
        this.origin = address;
        this.port = Number(new URL(address).port);
        break;
      }
    }
    assert(this.origin, 'it ended before it said where it listens');
    // What it says later goes nowhere, but must find an open pipe.
    this.#process.stdout.resume();
  }

  async #ready() {
    const deadline = Date.now() + PATIENCE;
    while (!(await fetch(`${this.origin}/readyz`)).ok) {
      assert(Date.now() < deadline, 'it does not get ready');
      await pause(10);
    }
  }

  async #signIn() {
    const query = `mutation ($password: String!) {
      login(username: "admin", password: $password, refreshToken: true) { accessToken } }`;
    const { data } = await this.ask(query, { password: ADMIN_PASSWORD });
    return data.login.accessToken;
  }

  /** Where GraphQL is answered over HTTP. */
  get url() {
    return `${this.origin}/graphql`;
  }

  /** Where GraphQL is answered over a WebSocket. */
  get socketUrl() {
    return this.url.replace('http', 'ws');
  }

  /** What says who asks. */
  get authorization() {
    return `Bearer ${this.token}`;
  }

  /** The whole answer to an operation. */
  async ask(query, variables = {}) {
    const headers = { 'content-type': 'application/json' };
    if (this.token) headers.authorization = this.authorization;
    const body = JSON.stringify({ query, variables });
    const answer = await fetch(this.url, { method: 'POST', headers, body });
    return answer.json();
  }

  /** Sends the lines `line from` to `line to - 1` over one TCP connection. */
  async send(from, to) {
    const socket = net.connect(this.tcp, '127.0.0.1');
    const numbers = Array.from({ length: to - from }, (_, n) => from + n);
    socket.end(numbers.map((n) => `<13>1 - web-1 shop - - - line ${n}\n`).join(''));
    // Read to the end, so that the connection closes.
    socket.resume();
    await once(socket, 'close');
  }

  /** Its log so far. */
  log() {
    return this.#log.slice(-500).join('\n');
  }

  /** Ends it and removes its data. */
  async stop() {
    if (this.#process.exitCode === null) {
      this.#process.kill('SIGTERM');
      await once(this.#process, 'exit');
    }
    await rm(this.#directory, { recursive: true, force: true });
  }
}

/** Makes `test` show the server's log when a test fails. `server` gives the one that runs. */
export function testsOf(server) {
  return (name, body) =>
    test(name, { timeout: PATIENCE }, async (context) => {
      try {
        await body(context);
      } catch (error) {
        context.diagnostic(server().log());
        throw error;
      }
    });
}
