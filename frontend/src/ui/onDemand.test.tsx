// @vitest-environment happy-dom
import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { afterEach, expect, test, vi } from "vitest";

import { onDemand, type OnDemand } from "./onDemand.ts";
import { Opener } from "./Opener.tsx";

afterEach(cleanup);

function Door({ room }: { readonly room: OnDemand<string> }) {
  const [wanted, setWanted] = useState(false);
  const part = room.usePart(wanted, () => setWanted(false));
  if (part !== undefined) return <p>{part}</p>;
  const button = <button type="button">Open</button>;
  return <Opener trigger={button} opens="menu" onOpen={() => setWanted(true)} onNear={room.preload} />;
}

test("nothing is loaded before anybody is near, and then once", async () => {
  const load = vi.fn(async () => "a room");
  const room = onDemand(load);
  render(<><Door room={room} /><Door room={room} /></>);
  expect(load).not.toHaveBeenCalled();
  const [first, second] = screen.getAllByRole("button");
  await userEvent.hover(first!);
  await userEvent.click(first!);
  await screen.findByText("a room");
  await userEvent.click(second!);
  expect(await screen.findAllByText("a room")).toHaveLength(2);
  expect(load).toHaveBeenCalledOnce();
});

test("a menu opens with the arrow key, too", async () => {
  render(<Door room={onDemand(async () => "a room")} />);
  screen.getByRole("button").focus();
  await userEvent.keyboard("{ArrowDown}");
  await screen.findByText("a room");
});

test("what could not be loaded can be wanted again", async () => {
  const load = vi.fn(async () => "a room").mockRejectedValueOnce(new TypeError("the network is down"));
  render(<Door room={onDemand(load)} />);
  screen.getByRole("button").click();
  await vi.waitFor(() => expect(load).toHaveBeenCalledOnce());
  await userEvent.click(await screen.findByRole("button"));
  await screen.findByText("a room");
});
