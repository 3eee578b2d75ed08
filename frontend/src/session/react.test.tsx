// @vitest-environment happy-dom
import { act, cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test } from "vitest";

import { FakeBrowser, FakeServer } from "./fixtures.ts";
import { SignedIn } from "./react.tsx";
import type { Session } from "./session.ts";

let server: FakeServer;
let session: Session;

beforeEach(() => {
  server = new FakeServer();
  session = new FakeBrowser().openTab(server);
  render(<SignedIn session={session}>{(user) => <label>Notes of {user.username}<input /></label>}</SignedIn>);
});

afterEach(cleanup);

const notes = (name = "ada") => screen.queryByLabelText<HTMLInputElement>(`Notes of ${name}`);

async function signIn(): Promise<void> {
  await userEvent.type(await screen.findByLabelText("Username"), "ada");
  await userEvent.type(screen.getByLabelText("Password"), "right");
  await userEvent.click(screen.getByRole("button", { name: "Sign in" }));
}

/** Ends the session as somebody does elsewhere. */
async function end(): Promise<void> {
  server.signedIn = false;
  await act(() => session.refresh().catch(() => {}));
}

test("nobody sees anything before they have signed in", async () => {
  await screen.findByRole("heading", { name: "Sign in to Tailwater" });
  expect(notes()).toBeNull();
  await signIn();
  expect(notes()).not.toBeNull();
});

test("when a session ends its view waits out of reach, and is as it was for whoever signs in again", async () => {
  await signIn();
  await userEvent.type(notes()!, "half a thought");
  await end();
  expect(screen.getByText("Your session has ended. Sign in to go on.")).toBeDefined();
  expect(notes()!.closest("[inert]")).not.toBeNull();
  await signIn();
  expect(notes()!.closest("[inert]")).toBeNull();
  expect(notes()!.value).toBe("half a thought");
});

test("somebody else finds nothing of it", async () => {
  await signIn();
  await userEvent.type(notes()!, "half a thought");
  await end();
  server.user = { ...server.user, id: "2", username: "bob" };
  await signIn();
  expect([notes(), notes("bob")?.value]).toEqual([null, ""]);
});

test("a sign-out leaves nothing behind", async () => {
  await signIn();
  await act(() => session.signOut());
  expect(notes()).toBeNull();
});
