import { expect, test } from "vitest";

import { isLoopback, plainHost, SENDERS, waysOf, type Sender } from "./ways.ts";

test("every way names the host and the port", () => {
  for (const sender of Object.keys(SENDERS) as Sender[]) {
    for (const { label, lines } of waysOf(sender, "logs.example", 5514)) {
      expect(lines, `${sender}: ${label}`).toContain("logs.example");
      expect(lines, `${sender}: ${label}`).toContain("5514");
    }
  }
});

test("an address of IPv6 stands in brackets where a port follows it, and nowhere else", () => {
  const [line, file] = waysOf("shell", plainHost("[2001:db8::1]"), 5140);
  expect(line?.lines).toContain("-n 2001:db8::1 -P 5140");
  expect(file?.lines).toContain("tcp://[2001:db8::1]:5140");
});

test("a machine knows itself", () => {
  expect(["localhost", "app.localhost", "127.0.0.1", "[::1]", "::1"].every(isLoopback)).toBe(true);
  expect(["logs.example", "10.127.0.1", "localhost.example"].some(isLoopback)).toBe(false);
});
