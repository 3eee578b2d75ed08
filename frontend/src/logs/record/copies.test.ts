import { expect, test } from "vitest";

import type { Line } from "../documents.ts";
import { asJson, asLine } from "./copies.ts";

const LINE: Line = {
  id: "7", timestamp: "2026-01-02T03:04:05Z", receivedAt: "2026-01-02T03:04:06Z", severity: "ERROR", facility: "USER",
  host: "web-1", app: "nginx", procId: "42", msgId: null, message: "timed out", attributes: { a: 1 },
  source: { id: "1", address: "10.0.0.1" },
};

test("a line is what a terminal shows", () => {
  expect(asLine(LINE)).toBe("2026-01-02T03:04:05Z web-1 nginx[42] ERROR timed out");
  expect(asLine({ ...LINE, host: null, app: null, procId: null, severity: null })).toBe("2026-01-02T03:04:05Z timed out");
});

test("JSON has every field", () => {
  expect(JSON.parse(asJson(LINE))).toMatchObject({ id: "7", message: "timed out", attributes: { a: 1 }, address: "10.0.0.1" });
});
