// @vitest-environment happy-dom
import { act, cleanup, render, screen } from "@testing-library/react";
import { Router } from "wouter";
import { memoryLocation } from "wouter/memory-location";
import { afterEach, expect, test } from "vitest";

import { useWaysBack } from "./useWaysBack.ts";

afterEach(cleanup);

function Ways() {
  const wayBack = useWaysBack();
  return <p>{["/", "/sources"].map(wayBack).join(" ")}</p>;
}

test("a page is found again as it was left, and its own link leads to its plain address", () => {
  const { hook, searchHook, navigate } = memoryLocation({ path: "/", searchPath: "" });
  render(<Router hook={hook} searchHook={searchHook}><Ways /></Router>);
  const ways = () => screen.getByText(/./).textContent;
  act(() => navigate("/?q=disk"));
  expect(ways()).toBe("/ /sources");
  act(() => navigate("/sources?by=app"));
  expect(ways()).toBe("/?q=disk /sources");
  act(() => navigate("/"));
  expect(ways()).toBe("/ /sources?by=app");
});
