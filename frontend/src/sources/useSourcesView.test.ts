import { expect, test } from "vitest";

import { readSourcesView, writeSourcesView, type SourcesView } from "./useSourcesView.ts";

test("a view is its address, and the usual view an empty one", () => {
  const views: SourcesView[] = [
    { by: "host", text: "", sort: { by: "silent", descending: false } },
    { by: "app", text: "web & co", sort: { by: "count", descending: true } },
    { by: "host", text: "", sort: { by: "name", descending: false } },
  ];
  expect(views.map((view) => readSourcesView(writeSourcesView(view)))).toEqual(views);
  const addresses = views.map((view) => writeSourcesView(view).toString());
  expect(addresses).toEqual(["", "by=app&q=web+%26+co&sort=-count", "sort=name"]);
});

test("what an address says that nobody understands is passed over", () => {
  expect(readSourcesView(new URLSearchParams("by=moon&sort=-phase&x=1"))).toEqual(readSourcesView(new URLSearchParams()));
});
