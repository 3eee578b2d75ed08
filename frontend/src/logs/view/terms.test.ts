import { expect, test } from "vitest";

import { excluding, holds, including, quoted, termFor, topTerms, without } from "./terms.ts";

test("a value is written so that the language reads it as text", () => {
  expect(quoted("web-1.example")).toBe("web-1.example");
  expect(quoted("10.0.0.1")).toBe("10.0.0.1");
  expect(quoted("größe")).toBe("größe");
  expect(quoted("web 1")).toBe('"web 1"');
  expect(quoted("-x")).toBe('"-x"');
  expect(quoted("a*")).toBe('"a*"');
  expect(quoted("OR")).toBe('"OR"');
  expect(quoted("")).toBe('""');
  expect(quoted('say "hi" \\o/')).toBe('"say \\"hi\\" \\\\o/"');
});

test("the path of an attribute is escaped, where it would end", () => {
  expect(termFor("attributes.a:b c", "1")).toBe("attributes.a\\:b\\ c:1");
  expect(termFor("attributes.meta@32473.seq", "7")).toBe("attributes.meta@32473.seq:7");
});

test("no value is asked for as a field that is not there", () => {
  expect(termFor("host", null)).toBe("-host:*");
});

test("a message is meant whole", () => {
  expect(termFor("message", "disk full")).toBe('message:="disk full"');
});

test("including and excluding a value is each other's opposite", () => {
  const term = termFor("host", "web 1");
  const narrowed = including("error", term);
  expect(narrowed).toBe('error host:"web 1"');
  expect(excluding(narrowed, term)).toBe('error -host:"web 1"');
  expect(including(excluding(narrowed, term), term)).toBe(narrowed);
  expect(without(narrowed, term)).toBe("error");
});

test("a term is added once", () => {
  expect(including("host:a", "host:a")).toBe("host:a");
});

test("a term beside alternatives holds for all of them", () => {
  expect(including("a OR b", "host:c")).toBe("(a OR b) host:c");
  expect(including("(a OR b)", "host:c")).toBe("(a OR b) host:c");
});

test("excluding records without a field asks for those with it", () => {
  expect(excluding("", termFor("host", null))).toBe("host:*");
});

test("a query is parted only where its terms are", () => {
  expect(topTerms('a "b c"  -host:"d e" (f OR g) /h i/ x/y z message:/j k/ l\\ m')).toEqual([
    "a", '"b c"', '-host:"d e"', "(f OR g)", "/h i/", "x/y", "z", "message:/j k/", "l\\ m",
  ]);
});

test("a term inside another one is not taken for it", () => {
  expect(holds('"host:a b"', "host:a")).toBe(false);
  expect(holds("(host:a OR b)", "host:a")).toBe(false);
  expect(holds("x  host:a", "host:a")).toBe(true);
});
