import { expect, test } from "vitest";

import { generated } from "../../codegen.ts";

test("the generated types are those of the schema and the operations; mend them with: npm run codegen", async () => {
  for (const { name, content } of await generated()) {
    await expect(content).toMatchFileSnapshot(`generated/${name}`);
  }
});
