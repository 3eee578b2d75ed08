/** What the tests of a file happen in: a server of their own, a browser, and the people who come to it. */
import type { Browser, BrowserContext, BrowserContextOptions } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect } from "vitest";

import { launch, Offences } from "./browser.ts";
import type { Line } from "./lines.ts";
import { Person } from "./person.ts";
import { PASSWORD, Server } from "./server.ts";

const WINDOW: BrowserContextOptions = { viewport: { width: 1280, height: 800 }, reducedMotion: "reduce" };

interface Setting {
  /** The password of `admin`; without one nobody can sign in yet. */
  readonly password?: string | undefined;
  /** What is in the log before anybody comes. */
  readonly lines?: readonly Line[];
}

export class Scene {
  #server: Server | undefined;
  #browser: Browser | undefined;
  #contexts: BrowserContext[] = [];
  #offences: Offences[] = [];

  get server(): Server {
    if (this.#server === undefined) throw new Error("the server is started before the tests, and not sooner");
    return this.#server;
  }

  /** Somebody with a browser of their own, who has not opened anything yet. */
  async somebody(options: BrowserContextOptions = {}): Promise<Person> {
    if (this.#browser === undefined) throw new Error("the browser is started before the tests, and not sooner");
    const context = await this.#browser.newContext({ ...WINDOW, ...options });
    const offences = new Offences(context, new URL(this.server.url("/")).origin);
    this.#contexts.push(context);
    this.#offences.push(offences);
    return new Person(await context.newPage(), this.server, offences);
  }

  /** Somebody who opens a page and signs in there. */
  async person(path = "/", { username = "admin", ...options }: BrowserContextOptions & { readonly username?: string } = {}): Promise<Person> {
    const person = await this.somebody(options);
    await person.opens(path);
    await person.signsIn(username);
    return person;
  }

  async open({ password, lines = [] }: Setting): Promise<void> {
    [this.#server, this.#browser] = await Promise.all([Server.start(password), launch()]);
    if (lines.length > 0) await this.#server.send(...lines);
  }

  /** Everybody leaves; nobody's browser may have seen anything that it must not. */
  async clear(): Promise<void> {
    const offences = this.#offences;
    await Promise.all(this.#contexts.map((context) => context.close()));
    [this.#contexts, this.#offences] = [[], []];
    expect(offences.flatMap(({ seen }) => seen)).toEqual([]);
  }

  async close(): Promise<void> {
    await this.#browser?.close();
    await this.#server?.stop();
  }
}

/** Sets the scene for the tests of a file. */
export function setScene(setting: Setting = {}): Scene {
  const scene = new Scene();
  beforeAll(() => scene.open({ password: PASSWORD, ...setting }));
  afterEach(() => scene.clear());
  afterAll(() => scene.close());
  return scene;
}
