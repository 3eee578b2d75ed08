import { expect, test } from "vitest";

import { groupsOf, shapes, sorted, type Group, type Source } from "./groups.ts";

const NOW = Date.parse("2026-01-02T12:00:00Z");
const MINUTE = 60_000;

function source(change: Partial<Source> & { readonly quiet?: number } = {}): Source {
  const { quiet = 0, ...rest } = change;
  return {
    id: "1", host: "web-1", app: "nginx", address: "10.0.0.1", count: 3_600, rate: 1,
    firstSeen: "2026-01-02T11:00:00Z", lastSeen: new Date(NOW - quiet * MINUTE).toISOString(), ...rest,
  };
}

test("a host has the programs, the times and the sums of its sources", () => {
  const sources = [
    source({ app: "cron", count: 10, firstSeen: "2026-01-01T00:00:00Z", quiet: 30 }),
    source({ app: "nginx" }),
    source({ host: "db-1", app: "postgres" }),
  ];
  const [web, db] = groupsOf(sources, "host", NOW);
  expect(web).toMatchObject({
    name: "web-1", parts: ["nginx", "cron"], count: 3_610, rate: 2,
    firstSeen: Date.parse("2026-01-01T00:00:00Z"), lastSeen: NOW,
  });
  expect(db?.parts).toEqual(["postgres"]);
});

test("a program has the hosts that it runs on", () => {
  const sources = [source({ host: "web-1", count: 1 }), source({ host: "web-2", count: 9 }), source({ host: null })];
  expect(groupsOf(sources, "app", NOW)).toMatchObject([{ name: "nginx", parts: [null, "web-2", "web-1"] }]);
});

test("silent is what used to send, and has not for ten of its usual pauses", () => {
  const silent = (change: Parameters<typeof source>[0]) => groupsOf([source(change)], "host", NOW)[0]?.silent;
  expect(silent({ quiet: 4 })).toBe(false);
  expect(silent({ quiet: 6 })).toBe(true);
  // A record every six minutes or so.
  expect(silent({ quiet: 30, count: 6 })).toBe(false);
  expect(silent({ quiet: 90, count: 6, firstSeen: "2026-01-02T10:00:00Z" })).toBe(true);
  expect(silent({ quiet: 600, count: 1 })).toBe(false);
  expect(silent({ lastSeen: null })).toBe(false);
});

test("groups are sorted by what is asked for; silent ones first, then by name", () => {
  const group = (name: string, change: Partial<Group> = {}): Group => ({
    name, parts: [], addresses: [], firstSeen: 0, lastSeen: 0, count: 0, rate: 0, silent: false, ...change,
  });
  const groups = [group("web-10", { count: 1 }), group("web-2", { count: 2 }), group("web-3", { silent: true, count: 3 })];
  const names = (by: Parameters<typeof sorted>[1]["by"], descending = false) =>
    sorted(groups, { by, descending }).map(({ name }) => name);
  expect(names("silent")).toEqual(["web-3", "web-2", "web-10"]);
  expect(names("name")).toEqual(["web-2", "web-3", "web-10"]);
  expect(names("count", true)).toEqual(["web-3", "web-2", "web-10"]);
});

test("the counts of each name stand in their minutes", () => {
  const minute = (key: string | null, minutes: number, count: number) => ({
    key, count, start: new Date(NOW + minutes * MINUTE).toISOString(),
  });
  const found = shapes([minute("a", 0, 5), minute("a", 2, 7), minute(null, 1, 1), minute("a", 3, 9)], NOW, 3);
  expect([...found]).toEqual([["a", [5, 0, 7]], [null, [0, 1, 0]]]);
});
