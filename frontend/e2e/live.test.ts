/** Following the log: what is shown is what is stored, whatever happens to the reader, the connection and the server. */
import { expect, test } from "vitest";

import { many } from "./lines.ts";
import type { Person } from "./person.ts";
import { setScene } from "./scene.ts";

const scene = setScene();
/** A screen on which several hundred lines are to be seen at once. */
const TALL = { viewport: { width: 1280, height: 8_000 } };

/** Somebody who follows one program. */
async function follower(app: string): Promise<Person> {
  const ada = await scene.person(`/?app=${app}`);
  await ada.goesLive();
  return ada;
}

test("lines appear as they are stored, the newest at the bottom, and what stands around moves with them", async () => {
  const ada = await follower("billing");
  await scene.server.send({ app: "billing", message: "first" }, { app: "other", message: "not followed" });
  await ada.sees("first");
  await scene.server.send({ app: "billing", level: "error", message: "second" });
  await ada.sees("first", "second");
  await ada.seesCount("2 records");
  await ada.value("severity", "error").waitFor();
});

test("a pause holds the lines still and counts what is new, and going on shows all of it", async () => {
  const ada = await follower("paused");
  await scene.server.send({ app: "paused", message: "before" });
  await ada.sees("before");
  await ada.presses("Space");
  await ada.isTold("Paused");
  await scene.server.send({ app: "paused", message: "meanwhile 1" }, { app: "paused", message: "meanwhile 2" });
  await ada.page.getByRole("button", { name: "2 new" }).waitFor();
  expect(await ada.messages()).toEqual(["before"]);
  await ada.clicks(/^2 new/);
  await ada.sees("before", "meanwhile 1", "meanwhile 2");
  await ada.isTold("Live");
});

test("nothing is missing, nothing is there twice and all is in order after the server was killed", async () => {
  const numbered = "attributes.event@32473.seq:*";
  const ada = await scene.person(`/?q=${encodeURIComponent(numbered)}`, TALL);
  await ada.goesLive();
  const stop = scene.server.sending("--rate", "25", "--sequence");
  const shows = (count: number) => expect.poll(() => ada.lines.count()).toBeGreaterThan(count);
  await shows(30);
  await scene.server.kill();
  await ada.isTold("Reconnecting…");
  const before = await ada.lines.count();
  await scene.server.startAgain();
  await ada.isTold("Live");
  await shows(before + 30);
  await stop();
  await scene.server.hasStoredAll();
  const stored = (await scene.server.stored(numbered)).map(({ id }) => id);
  await expect.poll(() => ada.positions()).toEqual(stored);
  // What was under way when the server was killed is reset, and what is asked while it is away refused.
  ada.offences.forgive(/ERR_CONNECTION_RE(SET|FUSED)|WebSocket connection to .* failed/);
});

test("the filter changes while somebody follows", async () => {
  const ada = await follower("filtered");
  await scene.server.send({ app: "filtered", message: "cat" }, { app: "filtered", message: "dog" });
  await ada.sees("cat", "dog");
  await ada.searches("dog");
  await ada.sees("dog");
  await scene.server.send({ app: "filtered", message: "another cat" }, { app: "filtered", message: "another dog" });
  await ada.sees("dog", "another dog");
  await ada.clicks("Clear the search");
  await ada.sees("cat", "dog", "another cat", "another dog");
  await ada.isTold("Live");
});

test("a query that cannot be understood stops the lines, says why, and is mended", async () => {
  const ada = await follower("mended");
  await scene.server.send({ app: "mended", message: "here" });
  await ada.searches("hots:x");
  await ada.page.getByRole("alert").getByText("Column 1").waitFor();
  await ada.isTold("Stopped");
  await ada.searches("here");
  await ada.sees("here");
  await ada.isTold("Live");
});

test("a session that is ended elsewhere stops the lines, and whoever signs in again goes on where they were", async () => {
  const ada = await follower("session");
  await scene.server.send({ app: "session", message: "before" });
  await ada.sees("before");
  const address = ada.page.url();
  await scene.server.endEverySession("admin", "correct horse battery");
  await ada.page.getByText("Your session has ended. Sign in to go on.").waitFor();
  await scene.server.send({ app: "session", message: "while nobody was signed in" });
  await ada.signsIn();
  await ada.sees("before", "while nobody was signed in");
  await ada.isTold("Live");
  expect(ada.page.url()).toBe(address);
  ada.offences.forgive(/401 \(Unauthorized\)/);
});

test("whoever scrolls up reads back to the first line, and comes back to the last one", async () => {
  await scene.server.send(...many(1_200, (n) => ({ app: "long", message: `line ${n}` })));
  const ada = await follower("long");
  await ada.line("line 1199").waitFor();
  await ada.page.getByRole("treegrid").focus();
  await expect.poll(async () => {
    await ada.presses("Home");
    return (await ada.messages())[0];
  }).toBe("line 0");
  await ada.isTold("Paused");
  await ada.presses("End");
  await ada.line("line 1199").waitFor();
  await ada.isTold("Live");
});

test("following leads to a link that follows", async () => {
  const ada = await follower("linked");
  const other = await ada.inAnotherTab();
  await other.page.goto(ada.page.url());
  await other.isTold("Live");
  await scene.server.send({ app: "linked", message: "for both" });
  for (const reader of [ada, other]) await reader.sees("for both");
  await ada.presses("l");
  await ada.page.getByRole("button", { name: "Ask again" }).waitFor();
  await ada.sees("for both");
});
