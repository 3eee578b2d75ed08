// @vitest-environment happy-dom
import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { afterEach, expect, test, vi } from "vitest";

import { Dialog } from "./Dialog.tsx";
import { Menu, MenuItem } from "./Menu.tsx";

afterEach(cleanup);

function Page() {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Menu trigger={<button type="button">Actions</button>}>
        <MenuItem onSelect={() => setOpen(true)}>Remove…</MenuItem>
      </Menu>
      {open && <Dialog title="Remove it?" open onOpenChange={setOpen}><button type="button">Remove</button></Dialog>}
    </>
  );
}

test("a dialog that a menu opens gives focus back to the button of the menu", async () => {
  render(<Page />);
  await userEvent.click(screen.getByRole("button", { name: "Actions" }));
  await userEvent.click(await screen.findByRole("menuitem", { name: "Remove…" }));
  await screen.findByRole("dialog", { name: "Remove it?" });
  await userEvent.keyboard("{Escape}");
  await vi.waitFor(() => expect(document.activeElement).toBe(screen.getByRole("button", { name: "Actions" })));
  expect(screen.queryByRole("dialog")).toBeNull();
});

test("a dialog stays when somebody clicks beside it", async () => {
  render(<Page />);
  await userEvent.click(screen.getByRole("button", { name: "Actions" }));
  await userEvent.click(await screen.findByRole("menuitem", { name: "Remove…" }));
  const dialog = await screen.findByRole("dialog");
  await userEvent.setup({ pointerEventsCheck: 0 }).click(document.body);
  expect(dialog.isConnected).toBe(true);
});
