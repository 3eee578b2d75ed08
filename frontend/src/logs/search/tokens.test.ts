import { expect, test } from "vitest";

import { randomFrom } from "../view/random.ts";
import { quoted } from "../view/terms.ts";
import { read, type Term } from "./tokens.ts";

/** The tokens of a query but for white space, each with its kind. */
function kinds(query: string): string {
  const shown = read(query).tokens.filter(({ kind }) => kind !== "space");
  return shown.map(({ kind, start, end }) => `${kind} ${query.slice(start, end)}`).join(" | ");
}

function only(query: string): Term | undefined {
  const { terms } = read(query);
  if (terms.length !== 1) expect.fail(`${query} has ${terms.length} terms`);
  return terms[0];
}

function text(query: string): string | undefined {
  const value = only(query)?.value;
  return value?.kind === "text" ? value.text : undefined;
}

test("a query is cut as the server cuts it", () => {
  expect(kinds("disk full")).toBe("text disk | text full");
  expect(kinds('host:"web 1" -app:ngin*')).toBe('field host | comparison : | text "web 1" | negation - | field app | comparison : | text ngin*');
  expect(kinds("severity>=warning AND (a OR NOT b)")).toBe(
    "field severity | comparison >= | text warning | operator AND | bracket ( | text a | operator OR | operator NOT | text b | bracket )",
  );
  expect(kinds("/time[ds] out/ attributes.user.id:42")).toBe("regex /time[ds] out/ | field attributes.user.id | comparison : | text 42");
  expect(kinds("message:=\"disk full\"")).toBe('field message | comparison := | text "disk full"');
});

test("what cannot be a field is text", () => {
  for (const word of ["http://x/y?z", "std::io", "10:20:30", "key=value", "a->b", "<html>", "=>", "[x]:1", "a/b", "--flag", "-", "-->"]) {
    expect(kinds(word), word).toBe(`text ${word}`);
  }
});

test("a name that no field has stands out", () => {
  expect(kinds("hots:a")).toBe("unknown hots | comparison : | text a");
});

test("what is not finished yet stands out, and nothing is lost", () => {
  expect(kinds('"a b')).toBe('unknown "a b');
  expect(kinds("/a b")).toBe("unknown /a b");
  expect(kinds("host:")).toBe("field host | comparison :");
  expect(kinds('a"b"')).toBe('unknown a"b"');
});

test("a backslash makes special characters text", () => {
  expect(text("\"say \\\"hi\\\" \\\\o/ C:\\temp\"")).toBe('say "hi" \\o/ C:\\temp');
  expect(text("host\\:a")).toBe("host:a");
  expect(text("\\(a\\ b\\)")).toBe("(a b)");
  expect(text("a\\")).toBe("a\\");
  expect(text("a\\d")).toBe("a\\d");
  expect(only("attributes.a\\:b\\ c:42")?.field).toBe("attributes.a:b c");
});

test("terms know whether they are left out, whatever is around them", () => {
  const negated = (query: string) => read(query).terms.map((term) => term.negated);
  expect(negated("a -b NOT c NOT -d")).toEqual([false, true, true, false]);
  expect(negated("-(a -b) c")).toEqual([true, false, false]);
  expect(negated("NOT (a OR (b)) c")).toEqual([true, true, false]);
});

test("values may be open at either end", () => {
  expect(only("app:*a*")?.value).toEqual({ kind: "text", text: "a", openStart: true, openEnd: true });
  expect(only("app:*")?.value).toEqual({ kind: "anything" });
  expect(only("host:/^web\\/\\d+$/")?.value).toEqual({ kind: "regex", pattern: "^web/\\d+$" });
});

test("every text that is quoted is read back as it was", () => {
  const random = randomFrom(3);
  const characters = [..."ab1 \"\\/*()-:<>=._@ä日\u{1f600}\t"];
  for (let round = 0; round < 2_000; round++) {
    const wanted = Array.from({ length: 1 + Math.floor(random() * 6) }, () => characters[Math.floor(random() * characters.length)]).join("");
    if (text(quoted(wanted)) !== wanted) expect.fail(`${quoted(wanted)} is not read as ${wanted}`);
    if (text(`host:${quoted(wanted)}`) !== wanted) expect.fail(`host:${quoted(wanted)} is not read as ${wanted}`);
  }
});

test("every character of any query is in one token", () => {
  const random = randomFrom(4);
  const pieces = ["a", "host", ":", "\"", "/", "(", ")", "*", "-", "\\", " ", "OR", "NOT", ">=", "attributes.", "\u{1f600}"];
  for (let round = 0; round < 2_000; round++) {
    const query = Array.from({ length: Math.floor(random() * 12) }, () => pieces[Math.floor(random() * pieces.length)]).join("");
    const { tokens } = read(query);
    const whole = tokens.map(({ start, end }) => query.slice(start, end)).join("");
    if (whole !== query) expect.fail(`${query} is cut into ${whole}`);
  }
});
