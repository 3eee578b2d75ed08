// @vitest-environment happy-dom
import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import type { Problem } from "../../graphql/problems.ts";
import { Failure } from "../../session/request.ts";
import { SearchBox } from "./SearchBox.tsx";

const asked = vi.hoisted(() => [] as unknown[]);

vi.mock("../../graphql/client.ts", () => ({
  client: {
    query: (_document: unknown, variables: unknown) => ({
      subscribe(answer: (result: unknown) => void) {
        asked.push(variables);
        answer({ data: { top: [{ value: "web-1", count: 1_200 }, { value: "db 1", count: 7 }, { value: null, count: 3 }] } });
        return { unsubscribe: () => {} };
      },
    }),
  },
}));

const WITHIN = { from: "2026-01-02T00:00:00Z" };
let searched: string[];

function show(query = "", problem?: Problem): void {
  render(
    <SearchBox query={query} onSearch={(text) => searched.push(text)} problem={problem} attributes={["attributes.user.id"]} within={WITHIN} />,
  );
}

const box = () => screen.getByRole<HTMLInputElement>("combobox", { name: "Search" });
const suggestions = () => screen.queryAllByRole("option").map((option) => option.textContent);

beforeEach(() => {
  localStorage.clear();
  searched = [];
  asked.length = 0;
});

afterEach(cleanup);

test("a query is asked on Enter", async () => {
  show();
  await userEvent.type(box(), 'timed "out"{Enter}');
  expect(searched).toEqual(['timed "out"']);
});

test("fields are suggested while they are typed, attributes too", async () => {
  show();
  await userEvent.type(box(), "id");
  expect(suggestions()).toEqual(["procidfield", "msgidfield", "attributes.user.idfield"]);
});

test("the values of a field are those that there are, with how many", async () => {
  show();
  await userEvent.type(box(), "host:");
  expect(await screen.findByText("web-1")).toBeDefined();
  expect(suggestions()).toEqual(["web-11.2K", "db 17"]);
  expect(asked).toEqual([{ filter: WITHIN, field: "host", first: 200 }]);
});

test("a suggestion is taken by arrow and Enter, quoted where it must be, and then asked by Enter", async () => {
  show();
  await userEvent.type(box(), "host:");
  await screen.findByText("db 1");
  await userEvent.keyboard("{ArrowDown}{ArrowDown}{Enter}");
  expect(box().value).toBe('host:"db 1" ');
  expect(searched).toEqual([]);
  await userEvent.keyboard("{Escape}{Enter}");
});

test("queries of before are suggested where nothing is typed yet", async () => {
  show();
  await userEvent.type(box(), "timeout{Enter}");
  await userEvent.clear(box());
  expect(suggestions()[0]).toBe("timeoutasked before");
});

test("an error is said, and shown at its column", () => {
  const failure = new Failure("BAD_USER_INPUT", "unknown field `hots`", { argument: "filter.query", column: 7 });
  show("error hots:a", { failure, text: "Unknown field `hots`.", field: "logs" });
  expect(screen.getByRole("alert").textContent).toBe("Column 7: Unknown field `hots`.");
  expect(document.querySelector(".token-wrong")?.textContent).toBe("hots");
  expect(box().getAttribute("aria-invalid")).toBe("true");
});

test("Escape puts back what was asked", async () => {
  show("before");
  await userEvent.type(box(), " and more{Escape}{Escape}");
  expect(box().value).toBe("before");
});
