/** The rules of the house: which folder may import which. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { expect, test } from "vitest";

const HERE = import.meta.dirname;
/** What every page is made of; it knows no page. */
const GROUND = ["graphql", "session", "format", "ui"];
/** Entry pages: they put others together. */
const ENTRIES = ["app", "graphiql", "setup"];
/** What a page may take from another one. */
const LENT: Readonly<Record<string, readonly string[]>> = { "logs/view": ["sources"], welcome: ["logs"] };

/** Every import between folders, as [from, to, the file that does it]. */
function imports(): readonly (readonly [string, string, string])[] {
  const files = readdirSync(HERE, { recursive: true, encoding: "utf8" }).filter((name) => /\.tsx?$/.test(name));
  return files.flatMap((file) => {
    const source = readFileSync(join(HERE, file), "utf8");
    const paths = [...source.matchAll(/(?:from |import\(|import )"(\.[^"]+)"/g)].map(([, path = ""]) =>
      relative(HERE, join(HERE, dirname(file), path)),
    );
    const all = paths.map((path) => [folder(file), folder(path), `${file} imports ${path}`] as const);
    return all.filter(([from, to]) => from !== to);
  });
}

function folder(path: string): string {
  return path.split("/")[0] ?? "";
}

function isLent(from: string, what: string): boolean {
  return Object.entries(LENT).some(([lent, borrowers]) => what.includes(` imports ${lent}/`) && borrowers.includes(from));
}

test("what pages are made of knows no page, and pages do not know each other", () => {
  const wrong = imports().filter(([from, to, what]) => {
    const puts = ENTRIES.includes(from) && !ENTRIES.includes(to);
    return !GROUND.includes(to) && !puts && !to.startsWith("..") && !isLent(from, what);
  });
  expect(wrong.map(([, , what]) => what)).toEqual([]);
});

test("files stay small enough to hold in the head", () => {
  const files = readdirSync(HERE, { recursive: true, encoding: "utf8" }).filter(
    (name) => /\.(tsx?|css)$/.test(name) && !name.includes("/generated/"),
  );
  const long = files.filter((name) => readFileSync(join(HERE, name), "utf8").split("\n").length > 320);
  expect(long).toEqual([]);
});
