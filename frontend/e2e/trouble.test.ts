/** What is said when something is wrong, and how it goes on. */
import { expect, test } from "vitest";

import { MINUTE } from "./lines.ts";
import { setScene } from "./scene.ts";
import { PASSWORD } from "./server.ts";

const scene = setScene({ lines: [{ message: "yesterday", ago: 24 * 60 * MINUTE }, { message: "today" }] });

test("a query that cannot be understood is pointed at where it is wrong", async () => {
  const ada = await scene.person("/");
  await ada.sees("today");
  await ada.searches("today hots:web-1");
  await ada.page.getByRole("alert").getByText("Column 7:").waitFor();
  await ada.page.getByText("Unknown field `hots`; did you mean `host`?").waitFor();
  await ada.reads("The query cannot be understood");
  expect(await ada.searchBox.getAttribute("aria-invalid")).toBe("true");
  await ada.searches("today host:web-1");
  await ada.sees("today");
  expect(await ada.searchBox.getAttribute("aria-invalid")).toBe("false");
});

test("where nothing matches, the page offers what would", async () => {
  const ada = await scene.person("/?q=yesterday");
  await ada.reads("No records here");
  await ada.clicks("Look at all time");
  await ada.sees("yesterday");
  await ada.searches("tomorrow");
  await ada.reads("No records here");
  await ada.clicks("Clear the filters");
  await ada.sees("today", "yesterday");
});

test("a server that is away is said to be away, what is known stays, and it goes on when it is back", async () => {
  const ada = await scene.person("/");
  await ada.sees("today");
  await scene.server.kill();
  await ada.clicks("Ask again");
  await ada.page.getByRole("alert").getByText("The server cannot be reached.").waitFor();
  await ada.sees("today");
  ada.offences.forgive(/ERR_CONNECTION_REFUSED/);
  await scene.server.startAgain();
  await ada.clicks("Try again");
  await expect.poll(() => ada.page.getByRole("alert").allInnerTexts()).toEqual(["", ""]);
  await ada.sees("today");
});

test("an address that nobody understands is a view all the same", async () => {
  const ada = await scene.person("/?t=whenever&level=loud&column=&order=sideways&record=first&field=nothing");
  await ada.sees("today");
});

test("a link to a record that is gone says so, and the view is behind it", async () => {
  const ada = await scene.somebody();
  await ada.opens("/?record=999999");
  await ada.entersCredentials("admin", PASSWORD);
  await ada.page.getByRole("dialog", { name: "Record 999999" }).getByText("This record is there no more").waitFor();
  await ada.presses("Escape");
  await ada.sees("today");
});
