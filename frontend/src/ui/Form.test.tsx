// @vitest-environment happy-dom
import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";

import { Field } from "./Field.tsx";
import { Form } from "./Form.tsx";
import { Failure } from "../session/request.ts";

afterEach(cleanup);

/** A form of two fields whose action fails. */
async function failing(failure: Failure): Promise<void> {
  render(
    <Form action={() => Promise.reject(failure)} submit="Save" busy="Saving…" conflictAt="name">
      <Field label="Name" name="name" />
      <Field label="Search" name="query" />
    </Form>,
  );
  await userEvent.type(screen.getByLabelText("Name"), "ada");
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
}

test("an error is said at its field, which gets the focus, and what was entered stays", async () => {
  await failing(new Failure("BAD_USER_INPUT", "unknown field `hots`", { argument: "input.scope.query" }));
  const field = screen.getByLabelText<HTMLInputElement>("Search");
  expect(screen.getByText("Unknown field `hots`.").id).toBe(field.getAttribute("aria-describedby"));
  expect([field.getAttribute("aria-invalid"), document.activeElement]).toEqual(["true", field]);
  expect(screen.getByLabelText<HTMLInputElement>("Name").value).toBe("ada");
});

test("a conflict is said at the field that it is about", async () => {
  await failing(new Failure("CONFLICT", "the name is taken"));
  expect(screen.getByLabelText("Name").getAttribute("aria-invalid")).toBe("true");
});

test("an error of the whole is said to everybody", async () => {
  await failing(new Failure("TIMEOUT", "…"));
  expect(screen.getByRole("alert").textContent).toBe("The server took too long to answer.");
});

test("a form does not do it twice at once", async () => {
  let finish = () => {};
  const action = vi.fn(() => new Promise<void>((resolve) => {
    finish = resolve;
  }));
  render(<Form action={action} submit="Save" busy="Saving…" />);
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  await userEvent.click(screen.getByRole("button", { name: "Saving…" }));
  expect(action).toHaveBeenCalledOnce();
  finish();
  await userEvent.click(await screen.findByRole("button", { name: "Save" }));
  expect(action).toHaveBeenCalledTimes(2);
});
