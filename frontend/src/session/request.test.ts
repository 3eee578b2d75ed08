import { afterEach, expect, test, vi } from "vitest";

import { request } from "./request.ts";

function answers(body: string, init?: ResponseInit): ReturnType<typeof vi.fn> {
  const fetch = vi.fn(async () => new Response(body, init));
  vi.stubGlobal("fetch", fetch);
  return fetch;
}

afterEach(() => {
  vi.unstubAllGlobals();
});

test("an operation is sent as JSON, with the token, and its data comes back", async () => {
  const fetch = answers('{"data": {"me": null}}', { headers: { date: "Thu, 01 Jan 2026 00:00:00 GMT" } });
  const answer = await request("{ me { id } }", { x: 1 }, "token 1");
  expect(answer).toEqual({ data: { me: null }, serverTime: Date.UTC(2026, 0, 1) });
  const [path, sent] = fetch.mock.calls[0] as unknown as [string, RequestInit];
  expect(path).toBe("/graphql");
  expect(sent.body).toBe('{"query":"{ me { id } }","variables":{"x":1}}');
  expect(sent.headers).toMatchObject({ authorization: "Bearer token 1", "content-type": "application/json" });
});

test("an error keeps its code and its wait", async () => {
  answers('{"data": {"s": null}, "errors": [{"message": "slow down", "extensions": {"code": "TOO_MANY_ATTEMPTS", "retryAfter": 7}}]}');
  await expect(request("", {})).rejects.toMatchObject({ code: "TOO_MANY_ATTEMPTS", details: { retryAfter: 7 }, message: "slow down" });
});

test("whatever is no GraphQL answer is a failure, too", async () => {
  for (const body of ["", "<html>", "null", "7", "[]", "{}", '{"data": null}']) {
    answers(body, { status: 502 });
    await expect(request("", {}), body).rejects.toMatchObject({ code: "UNREADABLE" });
  }
  vi.stubGlobal("fetch", async () => {
    throw new TypeError("connection refused");
  });
  await expect(request("", {})).rejects.toMatchObject({ code: "UNREACHABLE" });
});
