// @vitest-environment happy-dom
import type { TypedDocumentNode } from "@graphql-typed-document-node/core";
import { Client, fetchExchange } from "@urql/core";
import { act, cleanup, render, screen } from "@testing-library/react";
import { Provider } from "urql";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { graphql } from "./graphql.ts";
import { useAnswer } from "./hooks.ts";

/** The answers to come, one a request; the last one stays. */
let answers: unknown[];
let asked: number;

beforeEach(() => {
  vi.useFakeTimers();
  [answers, asked] = [[], 0];
});

afterEach(() => {
  cleanup();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

interface Me {
  readonly me: { readonly username: string } | null;
}

const QUERY = graphql("query { me { username } }") as TypedDocumentNode<Me, object>;

function Page({ every }: { every?: number }) {
  const { data, problems, asking } = useAnswer(QUERY, {}, every === undefined ? {} : { every });
  const shown = [asking && "asking", data?.me?.username, ...problems.map(({ text }) => text)];
  return <p>{shown.filter(Boolean).join(" | ")}</p>;
}

async function show(every?: number): Promise<void> {
  const fetch = async () => {
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    asked += 1;
    if (answer === undefined) throw new TypeError("connection refused");
    return new Response(JSON.stringify(answer), { headers: { "content-type": "application/graphql-response+json" } });
  };
  const client = new Client({ url: "http://localhost/graphql", exchanges: [fetchExchange], fetch, preferGetMethod: false });
  render(<Provider value={client}><Page {...(every !== undefined && { every })} /></Provider>);
  await wait(0);
}

/** Lets time pass, and what it brings about happen. */
async function wait(milliseconds: number): Promise<void> {
  await act(() => vi.advanceTimersByTimeAsync(milliseconds));
}

const text = () => screen.getByText(/.+/).textContent;
const ada = { data: { me: { username: "ada" } } };

test("an answer is asked for once", async () => {
  answers = [ada];
  await show();
  expect(text()).toBe("ada");
  await wait(60_000);
  expect(asked).toBe(1);
});

test("data stands beside what is wrong with it", async () => {
  answers = [{ ...ada, errors: [{ message: "a block cannot be read", path: ["me"], extensions: { code: "DAMAGED" } }] }];
  await show();
  expect(text()).toBe("ada | A block cannot be read.");
});

test("what is asked again and again keeps its last answer through a failure", async () => {
  answers = [ada, { data: { me: null }, errors: [{ message: "…", extensions: { code: "UNAVAILABLE" } }] }, ada];
  await show(1_000);
  await wait(1_000);
  expect(text()).toBe("ada | The server is up, but its database is not there at the moment.");
  await wait(1_000);
  expect(text()).toBe("ada");
});

test("nothing is asked while nobody looks, and at once when somebody does again", async () => {
  answers = [ada];
  await show(1_000);
  const visible = vi.spyOn(document, "visibilityState", "get").mockReturnValue("hidden");
  await wait(10_000);
  expect(asked).toBe(1);
  visible.mockReturnValue("visible");
  document.dispatchEvent(new Event("visibilitychange"));
  await wait(0);
  expect(asked).toBe(2);
});

test("a server that cannot be reached is said to be so", async () => {
  await show();
  expect(text()).toContain("cannot be reached");
});
