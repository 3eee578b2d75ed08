/** The session of this browser, shared by every page and tab: who is signed in, and an access token that is good. */
import { login, logout, refresh, type Grant, type User } from "./operations.ts";
import { Failure } from "./request.ts";
import type { Tabs } from "./tabs.ts";

export type State =
  | { readonly kind: "starting" }
  /** The server gives no answer: nobody knows yet who is signed in. */
  | { readonly kind: "unreachable"; readonly failure: Failure }
  /** `expired`: somebody was, until the session ended elsewhere. */
  | { readonly kind: "signed-out"; readonly expired: boolean }
  | { readonly kind: "signed-in"; readonly user: User };

/** The operations a session needs; another implementation in tests. */
export interface Operations {
  login(username: string, password: string): Promise<Grant>;
  refresh(): Promise<Grant>;
  logout(accessToken: string): Promise<void>;
}

/** An access token is renewed this long before it ends, in milliseconds: longer than any request takes. */
const AHEAD = 60_000;
/** How long until a renewal that failed for want of an answer is tried again, in milliseconds. */
const AGAIN = 5_000;

export class Session {
  #state: State = { kind: "starting" };
  #grant: Grant | undefined;
  #renewal: Promise<Grant> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #listeners = new Set<() => void>();
  readonly #tabs: Tabs;
  readonly #operations: Operations;

  constructor(tabs: Tabs, operations: Operations = { login, refresh, logout }) {
    this.#tabs = tabs;
    this.#operations = operations;
    tabs.listen((word) => {
      if (word.kind === "granted") this.#accept(word.grant);
      else this.#end(false);
    });
  }

  /** Where it stands; the same object until that changes. */
  readonly state = (): State => this.#state;

  /** Calls `listener` whenever the state changes, until the function that it returns is called. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Takes up the session that the browser's cookie stands for, if it does for one. Never throws: the state says it. */
  async start(): Promise<void> {
    this.#become({ kind: "starting" });
    await this.#renew().catch(() => {});
  }

  /** Signs in, on every tab.
   * @throws {Failure} */
  async signIn(username: string, password: string): Promise<void> {
    await this.#tabs.inTurn(async () => this.#share(await this.#operations.login(username, password)));
  }

  /** Signs out, on every tab.
   * @throws {Failure} when the server did not hear of it: then everybody is still signed in */
  async signOut(): Promise<void> {
    await this.#tabs.inTurn(async () => {
      if (this.#grant !== undefined) await this.#logOut(this.#grant);
      this.#end(false);
      this.#tabs.tell({ kind: "ended" });
    });
  }

  /** Ends the session on the server. The token may be over while the session, which the cookie stands for, is not. */
  async #logOut(grant: Grant): Promise<void> {
    try {
      await this.#operations.logout(grant.accessToken);
      return;
    } catch (failure) {
      if (!isOver(failure)) throw failure;
    }
    try {
      await this.#operations.logout((await this.#operations.refresh()).accessToken);
    } catch (failure) {
      if (!isOver(failure)) throw failure;
    }
  }

  /** An access token that is good for a while. `refused` is one that the server has just refused.
   * @throws {Failure} when nobody is signed in (any more), or the server gives no answer */
  async accessToken(refused?: string): Promise<string> {
    const grant = this.#grant;
    const good = grant !== undefined && grant.accessToken !== refused && grant.endsAt - Date.now() > AHEAD / 2;
    return good ? grant.accessToken : (await this.#renew()).accessToken;
  }

  /** Asks the server anew who is signed in: after the user has changed.
   * @throws {Failure} */
  async refresh(): Promise<void> {
    await this.#renew();
  }

  /** Renews the token, once for everybody who asks meanwhile. */
  #renew(): Promise<Grant> {
    const before = this.#grant;
    this.#renewal ??= this.#tabs
      .inTurn(async () => {
        // While this tab waited for its turn, another one may have done the work.
        const now = this.#grant;
        if (now !== undefined && now !== before) return now;
        const grant = await this.#operations.refresh();
        this.#share(grant);
        return grant;
      })
      .catch((failure: unknown) => {
        this.#fail(failure);
        throw failure;
      })
      .finally(() => {
        this.#renewal = undefined;
      });
    return this.#renewal;
  }

  #fail(failure: unknown): void {
    if (isOver(failure)) {
      const wasIn = this.#grant !== undefined;
      this.#end(wasIn);
      if (wasIn) this.#tabs.tell({ kind: "ended" });
      return;
    }
    this.#schedule(AGAIN);
    if (this.#state.kind !== "signed-in" && failure instanceof Failure) {
      this.#become({ kind: "unreachable", failure });
    }
  }

  #share(grant: Grant): void {
    this.#accept(grant);
    this.#tabs.tell({ kind: "granted", grant });
  }

  #accept(grant: Grant): void {
    this.#grant = grant;
    this.#schedule(grant.endsAt - Date.now() - AHEAD);
    const known = this.#state;
    const same = known.kind === "signed-in" && JSON.stringify(known.user) === JSON.stringify(grant.user);
    if (!same) this.#become({ kind: "signed-in", user: grant.user });
  }

  #end(expired: boolean): void {
    this.#grant = undefined;
    clearTimeout(this.#timer);
    this.#become({ kind: "signed-out", expired });
  }

  #schedule(delay: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#renew().catch(() => {}), Math.max(delay, 1_000));
  }

  #become(state: State): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}

/** Whether a failure means that there is no session (any more). */
function isOver(failure: unknown): boolean {
  return failure instanceof Failure && failure.code === "UNAUTHENTICATED";
}
