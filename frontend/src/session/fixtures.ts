/** Doubles for the tests of the session: a server, and tabs of one browser. */
import type { Grant, User } from "./operations.ts";
import { Failure } from "./request.ts";
import { Session, type Operations } from "./session.ts";
import type { Tabs, Word } from "./tabs.ts";

export const ADA: User = { id: "1", username: "ada", displayName: "Ada", role: "ADMIN" };

/** How long an access token is good, in milliseconds. */
export const LIFETIME = 600_000;

/** A server with one session at a time, which its cookie stands for. */
export class FakeServer implements Operations {
  signedIn = false;
  reachable = true;
  /** Who signs in. */
  user = ADA;
  refreshes = 0;
  #grants = 0;
  /** When each access token ends. */
  readonly #endings = new Map<string, number>();

  async login(_username: string, password: string): Promise<Grant> {
    await this.#answer();
    if (password !== "right") throw new Failure("UNAUTHENTICATED", "wrong username or password");
    this.signedIn = true;
    return this.#grant();
  }

  async refresh(): Promise<Grant> {
    this.refreshes += 1;
    await this.#answer();
    if (!this.signedIn) throw new Failure("UNAUTHENTICATED", "sign in first");
    return this.#grant();
  }

  async logout(accessToken: string): Promise<void> {
    await this.#answer();
    if ((this.#endings.get(accessToken) ?? 0) <= Date.now()) throw new Failure("UNAUTHENTICATED", "sign in first");
    this.signedIn = false;
  }

  #grant(): Grant {
    this.#grants += 1;
    const grant = { accessToken: `token ${this.#grants}`, endsAt: Date.now() + LIFETIME, user: this.user };
    this.#endings.set(grant.accessToken, grant.endsAt);
    return grant;
  }

  async #answer(): Promise<void> {
    await Promise.resolve();
    if (!this.reachable) throw new Failure("UNREACHABLE", "The server cannot be reached.");
  }
}

/** A browser: its tabs hear each other at once, and take turns. */
export class FakeBrowser {
  readonly #listeners = new Set<(word: Word) => void>();
  #turn: Promise<unknown> = Promise.resolve();

  openTab(server: Operations): Session {
    let own: ((word: Word) => void) | undefined;
    const tabs: Tabs = {
      tell: (word) => {
        for (const listener of this.#listeners) if (listener !== own) listener(word);
      },
      listen: (listener) => {
        own = listener;
        this.#listeners.add(listener);
      },
      inTurn: (work) => {
        const result = this.#turn.then(work);
        this.#turn = result.catch(() => {});
        return result;
      },
    };
    return new Session(tabs, server);
  }
}
