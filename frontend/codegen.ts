/** The types of our GraphQL operations, by GraphQL Code Generator's client preset. Its plugins run without its command
 * line, whose loaders of remote schemas would be most of what there is to install. */
import { codegen } from "@graphql-codegen/core";
import { preset } from "@graphql-codegen/client-preset";
import { parse } from "graphql";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** A file of the generated folder as it should be. */
export interface Generated {
  readonly name: string;
  readonly content: string;
}

const SCHEMA = join(import.meta.dirname, "../schema.graphql");
const SOURCES = join(import.meta.dirname, "src");
const OUTPUT = "generated/";

/** The files that may hold operations. */
const IN_CODE = /^(?!.*(\/generated\/|\.test\.)).*\.tsx?$/;

/** The operations as they stand in the code: graphql(`…`). */
const OPERATION = /\bgraphql\(\s*`([^`]*)`/g;

/** What the generated folder should hold for the schema and the operations of this moment. */
export async function generated(): Promise<readonly Generated[]> {
  const schema = parse(await readFile(SCHEMA, "utf8"));
  const files = await preset.buildGeneratesSection({
    baseOutputDir: OUTPUT,
    presetConfig: { fragmentMasking: false },
    schema,
    documents: await documents(),
    config: {
      enumType: "string-literal",
      scalars: { DateTime: "string", Count: "number", JSON: "unknown", ID: "string" },
      strictScalars: true,
      useTypeImports: true,
      importExtension: ".ts",
    },
    pluginMap: {},
    plugins: [],
  });
  return Promise.all(
    files.map(async (file) => ({ name: file.filename.slice(OUTPUT.length), content: await codegen(file) })),
  );
}

async function documents() {
  const found = [];
  const names = (await readdir(SOURCES, { recursive: true })).filter((name) => IN_CODE.test(name));
  for (const name of names.toSorted()) {
    const source = await readFile(join(SOURCES, name), "utf8");
    for (const [, rawSDL = ""] of source.matchAll(OPERATION)) {
      found.push({ location: name, rawSDL, document: parse(rawSDL, { noLocation: true }) });
    }
  }
  return found;
}
