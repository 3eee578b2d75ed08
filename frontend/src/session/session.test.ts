import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { ADA, FakeBrowser, FakeServer, LIFETIME } from "./fixtures.ts";
import { Failure } from "./request.ts";

let server: FakeServer;
let browser: FakeBrowser;

beforeEach(() => {
  vi.useFakeTimers();
  server = new FakeServer();
  browser = new FakeBrowser();
});

afterEach(() => {
  vi.useRealTimers();
});

async function signedInTab() {
  const tab = browser.openTab(server);
  await tab.start();
  await tab.signIn("ada", "right");
  return tab;
}

test("without a session it asks for a sign-in", async () => {
  const tab = browser.openTab(server);
  expect(tab.state()).toEqual({ kind: "starting" });
  await tab.start();
  expect(tab.state()).toEqual({ kind: "signed-out", expired: false });
});

test("a session of before is taken up", async () => {
  server.signedIn = true;
  const tab = browser.openTab(server);
  await tab.start();
  expect(tab.state()).toEqual({ kind: "signed-in", user: ADA });
  expect(await tab.accessToken()).toBe("token 1");
});

test("a wrong password signs nobody in and says so", async () => {
  const tab = browser.openTab(server);
  await tab.start();
  await expect(tab.signIn("ada", "wrong")).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
  expect(tab.state().kind).toBe("signed-out");
});

test("a token is renewed before it ends, and the view does not notice", async () => {
  const tab = await signedInTab();
  const before = tab.state();
  const changes = vi.fn();
  tab.subscribe(changes);
  await vi.advanceTimersByTimeAsync(LIFETIME - 61_000);
  expect(await tab.accessToken()).toBe("token 1");
  await vi.advanceTimersByTimeAsync(2_000);
  expect(await tab.accessToken()).toBe("token 2");
  expect(tab.state()).toBe(before);
  expect(changes).not.toHaveBeenCalled();
});

test("a token that ended while the machine slept is renewed when it is asked for", async () => {
  const tab = await signedInTab();
  vi.setSystemTime(Date.now() + 2 * LIFETIME);
  expect(await tab.accessToken()).toBe("token 2");
});

test("a refused token is replaced, once for everybody who holds it", async () => {
  const tab = await signedInTab();
  const refreshes = server.refreshes;
  const tokens = await Promise.all([tab.accessToken("token 1"), tab.accessToken("token 1")]);
  expect(tokens).toEqual(["token 2", "token 2"]);
  expect(server.refreshes).toBe(refreshes + 1);
  expect(await tab.accessToken("token 1")).toBe("token 2");
});

test("a sign-in in one tab signs the other one in, without its asking the server", async () => {
  const other = browser.openTab(server);
  await other.start();
  await signedInTab();
  const refreshes = server.refreshes;
  expect(other.state()).toEqual({ kind: "signed-in", user: ADA });
  expect(await other.accessToken()).toBe("token 1");
  expect(server.refreshes).toBe(refreshes);
});

test("tabs share one refresh", async () => {
  const tabs = [await signedInTab(), browser.openTab(server), browser.openTab(server)];
  await Promise.all(tabs.slice(1).map((tab) => tab.start()));
  const refreshes = server.refreshes;
  await vi.advanceTimersByTimeAsync(LIFETIME - 59_000);
  expect(server.refreshes).toBe(refreshes + 1);
  const tokens = new Set(await Promise.all(tabs.map((tab) => tab.accessToken())));
  expect(tokens.size).toBe(1);
});

test("a sign-out in one tab signs out all of them", async () => {
  const tab = await signedInTab();
  const other = browser.openTab(server);
  await other.start();
  await tab.signOut();
  expect(server.signedIn).toBe(false);
  expect([tab.state(), other.state()]).toEqual([
    { kind: "signed-out", expired: false },
    { kind: "signed-out", expired: false },
  ]);
  await expect(other.accessToken()).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
});

test("signing out ends the session though the token is over", async () => {
  const tab = await signedInTab();
  vi.setSystemTime(Date.now() + 2 * LIFETIME);
  await tab.signOut();
  expect(server.signedIn).toBe(false);
  expect(tab.state()).toEqual({ kind: "signed-out", expired: false });
});

test("a sign-out that the server did not hear of is none", async () => {
  const tab = await signedInTab();
  server.reachable = false;
  await expect(tab.signOut()).rejects.toBeInstanceOf(Failure);
  expect(tab.state().kind).toBe("signed-in");
});

test("a session that was ended elsewhere says so, in every tab", async () => {
  const tab = await signedInTab();
  const other = browser.openTab(server);
  await other.start();
  server.signedIn = false;
  const refused = await tab.accessToken();
  await expect(tab.accessToken(refused)).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
  expect(tab.state()).toEqual({ kind: "signed-out", expired: true });
  expect(other.state().kind).toBe("signed-out");
});

test("a server that is away is said, tried again, and found", async () => {
  server.signedIn = true;
  server.reachable = false;
  const tab = browser.openTab(server);
  await tab.start();
  expect(tab.state().kind).toBe("unreachable");
  server.reachable = true;
  await vi.advanceTimersByTimeAsync(5_000);
  expect(tab.state()).toEqual({ kind: "signed-in", user: ADA });
});

test("a server that is away for a while does not end the view of who is signed in", async () => {
  const tab = await signedInTab();
  server.reachable = false;
  await vi.advanceTimersByTimeAsync(2 * LIFETIME);
  expect(tab.state().kind).toBe("signed-in");
  server.reachable = true;
  expect(await tab.accessToken()).not.toBe("token 1");
});
