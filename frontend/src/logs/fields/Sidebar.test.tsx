// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";

import { questionOf } from "../question.ts";
import { DEFAULT, type View } from "../view/view.ts";
import { Sidebar } from "./Sidebar.tsx";

const asked = vi.hoisted(() => [] as unknown[]);

vi.mock("../../graphql/client.ts", () => ({
  client: {
    query: (_document: unknown, { field }: { readonly field: string }) => ({
      subscribe(answer: (result: unknown) => void) {
        asked.push(field);
        answer({ data: { top: [{ value: "42", count: 3 }] } });
        return { unsubscribe: () => {} };
      },
    }),
  },
}));

function show(view: View): readonly View[] {
  const changes: View[] = [];
  // What is open when a question is asked is counted with it.
  const question = questionOf(DEFAULT, Date.now());
  const overview = {
    question,
    buckets: [{ start: "2026-01-02T03:04:05Z", key: "ERROR", count: 5 }, { start: "2026-01-02T03:04:05Z", key: null, count: 1 }],
    tops: new Map([["host", [{ value: "web-1", count: 4 }, { value: null, count: 2 }]], ["app", []], ["severity", []]]),
  };
  render(<Sidebar view={view} onChange={(next) => changes.push(next)} overview={overview} attributes={[]} />);
  return changes;
}

afterEach(() => {
  cleanup();
  asked.length = 0;
});

test("a click narrows the view to a value, with Alt to all others", () => {
  const changes = show(DEFAULT);
  const value = screen.getByRole("button", { name: /^web-1/ });
  fireEvent.click(value);
  fireEvent.click(value, { altKey: true });
  fireEvent.click(screen.getByRole("button", { name: "Exclude records without host" }));
  expect(changes.map(({ hosts, query }) => [hosts, query])).toEqual([[["web-1"], ""], [[], "-host:web-1"], [[], "host:*"]]);
});

test("levels are counted as the histogram has them", () => {
  show(DEFAULT);
  expect(screen.getByRole("list", { name: "Values of severity" }).textContent).toBe("error5−none1−");
});

test("what came with the answer is not asked for again; a field that is opened later asks for itself", () => {
  show({ ...DEFAULT, fields: [...DEFAULT.fields, "msgid"] });
  expect(asked).toEqual(["msgid"]);
  expect(screen.getByRole("list", { name: "Values of msgid" }).textContent).toContain("42");
});
