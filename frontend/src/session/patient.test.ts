import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { FakeBrowser, FakeServer } from "./fixtures.ts";
import { patientFetch } from "./patient.ts";
import type { Session } from "./session.ts";

let server: FakeServer;
let session: Session;

beforeEach(async () => {
  server = new FakeServer();
  session = new FakeBrowser().openTab(server);
  await session.signIn("ada", "right");
  // A server that takes a token for as long as there is a session.
  vi.stubGlobal("fetch", async () => new Response(null, { status: server.signedIn ? 200 : 401 }));
});

afterEach(() => {
  vi.unstubAllGlobals();
});

/** Asks while the session has ended elsewhere, until this tab has heard of it. */
async function askTooLate(): Promise<{ answer: Promise<Response> }> {
  server.signedIn = false;
  const answer = patientFetch(session)("/graphql");
  answer.catch(() => {});
  await vi.waitFor(() => expect(session.state()).toEqual({ kind: "signed-out", expired: true }));
  return { answer };
}

test("what is asked when the session has ended is answered when the same user is back", async () => {
  const { answer } = await askTooLate();
  await session.signIn("ada", "right");
  expect((await answer).status).toBe(200);
});

test("it is not asked in the name of somebody else", async () => {
  const { answer } = await askTooLate();
  server.user = { ...server.user, id: "2", username: "bob" };
  await session.signIn("bob", "right");
  await expect(answer).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
});

test("it is given up when the user signs out", async () => {
  const { answer } = await askTooLate();
  await session.signOut();
  await expect(answer).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
});
