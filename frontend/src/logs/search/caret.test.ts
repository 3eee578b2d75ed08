import { expect, test } from "vitest";

import { completed, matching, typingAt } from "./caret.ts";

/** What is typed where a `|` stands. */
function at(marked: string) {
  const caret = marked.indexOf("|");
  return { query: marked.replace("|", ""), typing: typingAt(marked.replace("|", ""), caret) };
}

/** The query after a choice, a `|` at its caret. */
function choose(marked: string, choice: string): string | undefined {
  const { query, typing } = at(marked);
  if (typing === undefined) return undefined;
  const after = completed(query, typing, choice);
  return `${after.query.slice(0, after.caret)}|${after.query.slice(after.caret)}`;
}

test("a word may become a field", () => {
  expect(at("error ho|").typing).toMatchObject({ kind: "field", text: "ho" });
  expect(choose("error ho|", "host")).toBe("error host:|");
  expect(choose("error -ho|", "host")).toBe("error -host:|");
  expect(choose("(ho|)", "host")).toBe("(host:|)");
});

test("nothing yet may become a field, too", () => {
  expect(at("|").typing).toMatchObject({ kind: "field", text: "" });
  expect(at("error |").typing).toMatchObject({ kind: "field", text: "" });
  expect(at("-|").typing).toMatchObject({ kind: "field", text: "" });
});

test("the name of a field can be changed without its value", () => {
  expect(choose("ho|st:web", "app")).toBe("app:|web");
});

test("an attribute goes on with its path", () => {
  expect(choose("attr|", "attributes.")).toBe("attributes.|");
  expect(at("attributes.us|").typing).toMatchObject({ kind: "field", text: "attributes.us" });
});

test("behind a field, its values", () => {
  expect(at("host:|").typing).toMatchObject({ kind: "value", field: "host", text: "" });
  expect(at("a host:we|b-1 c").typing).toMatchObject({ kind: "value", field: "host", text: "we" });
  expect(choose("host:|", "web-1")).toBe("host:web-1 |");
  expect(choose("host:we|", "web 1")).toBe('host:"web 1" |');
  expect(choose('host:"we|', "web 1")).toBe('host:"web 1" |');
  expect(choose("host:we|b-1 c", "db-1")).toBe("host:db-1 |c");
});

test("inside a phrase or a regular expression, nothing", () => {
  expect(at('"a b|"').typing).toBeUndefined();
  expect(at("/a|/").typing).toBeUndefined();
  expect(at("hots:a|").typing).toBeUndefined();
});

test("choices that begin with what is typed come first", () => {
  expect(matching(["procid", "id", "host", "msgid"], "id")).toEqual(["procid", "msgid"]);
  expect(matching(["my-web", "web-1"], "WEB")).toEqual(["web-1", "my-web"]);
});
