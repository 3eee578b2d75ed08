// @vitest-environment happy-dom
import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test } from "vitest";

import type { Line } from "../documents.ts";
import { DEFAULT, type View } from "../view/view.ts";
import { Record } from "./Record.tsx";

const LINE: Line = {
  id: "7", timestamp: "2026-01-02T03:04:05Z", receivedAt: "2026-01-02T03:04:06Z", severity: "ERROR", facility: "USER",
  host: "web 1", app: "nginx", procId: "42", msgId: null, message: "timed out", source: { id: "1", address: "10.0.0.1" },
  attributes: { user: { id: 42, tags: ["a"] }, "a.b": "x", none: null },
};

function show(line: Partial<Line> = {}): { readonly changes: View[] } {
  const changes: View[] = [];
  render(<Record line={{ ...LINE, ...line }} view={DEFAULT} onChange={(next) => changes.push(next)} find={undefined} tab="fields" />);
  return { changes };
}

afterEach(cleanup);

test("the view can be narrowed to any value, or to all others", async () => {
  const { changes } = show();
  await userEvent.click(screen.getByRole("button", { name: "Only host web 1" }));
  await userEvent.click(screen.getByRole("button", { name: "Without app nginx" }));
  await userEvent.click(screen.getByRole("button", { name: "Only id 42" }));
  expect(changes.map(({ hosts, query }) => [hosts, query])).toEqual([
    [["web 1"], ""], [[], "-app:nginx"], [[], "attributes.user.id:42"],
  ]);
});

test("a value can become a column", async () => {
  const { changes } = show();
  await userEvent.click(screen.getByRole("button", { name: "Show procid as a column" }));
  expect(changes[0]?.columns).toEqual(["host", "app", "procid"]);
});

test("attributes are a tree whose branches close", async () => {
  show();
  expect(screen.getByText("42", { selector: ".branch *" })).toBeDefined();
  await userEvent.click(screen.getByRole("button", { name: "user" }));
  expect(screen.queryByText("42", { selector: ".branch *" })).toBeNull();
  expect(screen.getByText("2 fields")).toBeDefined();
});

test("a long message shows its beginning, and all of it when asked", async () => {
  show({ message: `${"x".repeat(200_000)}end` });
  const shown = () => screen.getByLabelText("Message").textContent ?? "";
  expect(shown().length).toBeLessThan(5_000);
  await userEvent.click(screen.getByRole("button", { name: /^Show all/ }));
  expect(shown().endsWith("end")).toBe(true);
});

test("very many attributes show their beginning, and all of them when asked", async () => {
  show({ attributes: Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`k${n}`, n])) });
  expect(screen.queryByText("k59")).toBeNull();
  await userEvent.click(screen.getByRole("button", { name: "Show all 60 attributes" }));
  expect(screen.getByText("k59")).toBeDefined();
});

test("what is in a record is text", () => {
  show({ message: "<img src=x onerror=alert(1)>", attributes: { "<b>": "<script>" } });
  expect(document.querySelector("img, script, b")).toBeNull();
});
