// @vitest-environment happy-dom
import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";

import { usePages, type ListPage } from "./usePages.ts";
import { Failure } from "../session/request.ts";

afterEach(cleanup);

type Load = (after: string | null) => Promise<ListPage<string>>;

function List({ load }: { readonly load: Load }) {
  const { items, hasMore, problem, more, reload } = usePages(load);
  return (
    <>
      <p>{items?.join(" ")}</p>
      {hasMore && <button type="button" onClick={more}>More</button>}
      <button type="button" onClick={reload}>Reload</button>
      <p role="alert">{problem}</p>
    </>
  );
}

/** Two pages: a and b, then c. */
const twoPages: Load = async (after) => (after === null ? { items: ["a", "b"], next: "b" } : { items: ["c"], next: null });

test("pages follow each other until there is no more", async () => {
  render(<List load={twoPages} />);
  await screen.findByText("a b");
  await userEvent.click(screen.getByText("More"));
  await screen.findByText("a b c");
  expect(screen.queryByText("More")).toBeNull();
  await userEvent.click(screen.getByText("Reload"));
  await screen.findByText("a b");
});

test("a page that fails says so and can be asked for again", async () => {
  const load = vi.fn(twoPages);
  render(<List load={load} />);
  await screen.findByText("a b");
  load.mockRejectedValueOnce(new Failure("TIMEOUT", "too slow"));
  await userEvent.click(screen.getByText("More"));
  await screen.findByText("The server took too long to answer.");
  expect(screen.getByText("a b")).toBeDefined();
  await userEvent.click(screen.getByText("More"));
  await screen.findByText("a b c");
  expect(screen.getByRole("alert").textContent).toBe("");
});

test("of two answers that overtake each other the one asked for last counts", async () => {
  let answer = (_page: ListPage<string>) => {};
  const slow = new Promise<ListPage<string>>((resolve) => {
    answer = resolve;
  });
  const load = vi.fn(twoPages).mockReturnValueOnce(slow);
  render(<List load={load} />);
  await userEvent.click(screen.getByText("Reload"));
  await screen.findByText("a b");
  answer({ items: ["old"], next: null });
  await slow;
  expect(screen.getByText("a b")).toBeDefined();
});
