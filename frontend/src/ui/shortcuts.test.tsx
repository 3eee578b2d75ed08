// @vitest-environment happy-dom
import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";

import { useShortcut, useShortcuts } from "./shortcuts.ts";

afterEach(cleanup);

function Takes({ keys, run, when = true }: { keys: string; run: () => void; when?: boolean }) {
  useShortcut({ keys, does: "something", group: "Test" }, run, when);
  return null;
}

function Help() {
  return <p>{useShortcuts().map(({ keys }) => keys).join(", ")}</p>;
}

test("a key does what the newest that takes it says, for as long as that is on the page", async () => {
  const [older, newer] = [vi.fn(), vi.fn()];
  const { rerender } = render(<><Takes keys="j" run={older} /><Takes key="2" keys="j" run={newer} /></>);
  await userEvent.keyboard("j");
  rerender(<Takes keys="j" run={older} />);
  await userEvent.keyboard("jj");
  expect([older.mock.calls.length, newer.mock.calls.length]).toEqual([2, 1]);
});

test("a key that is not wanted at the moment is not taken", async () => {
  const run = vi.fn();
  render(<Takes keys="j" run={run} when={false} />);
  await userEvent.keyboard("j");
  expect(run).not.toHaveBeenCalled();
});

test("two keys one after the other are one shortcut", async () => {
  const run = vi.fn();
  render(<Takes keys="g s" run={run} />);
  await userEvent.keyboard("sg");
  expect(run).not.toHaveBeenCalled();
  await userEvent.keyboard("s");
  expect(run).toHaveBeenCalledOnce();
});

test("text that is written, and keys that press what has focus, are no shortcuts", async () => {
  const run = vi.fn();
  render(<><Takes keys="j" run={run} /><Takes keys="Enter" run={run} /><input /><button type="button">Press</button></>);
  await userEvent.type(screen.getByRole("textbox"), "j{Enter}");
  screen.getByRole("button").focus();
  await userEvent.keyboard("{Enter}");
  expect(run).not.toHaveBeenCalled();
  await userEvent.keyboard("j");
  expect(run).toHaveBeenCalledOnce();
});

test("keys with Ctrl belong to the browser", async () => {
  const run = vi.fn();
  render(<Takes keys="l" run={run} />);
  await userEvent.keyboard("{Control>}l{/Control}");
  expect(run).not.toHaveBeenCalled();
});

test("the help knows the keys of the page", () => {
  const { rerender } = render(<><Help /><Takes keys="j" run={() => {}} /></>);
  expect(screen.getByText("j")).toBeDefined();
  rerender(<Help />);
  expect(screen.queryByText("j")).toBeNull();
});
