// @vitest-environment happy-dom
import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test } from "vitest";

import { Welcome } from "./Welcome.tsx";

afterEach(cleanup);

test("it lights up when the first line comes", () => {
  const { rerender } = render(<Welcome arrived={false} host="logs.example" />);
  expect(screen.getByText("Waiting for the first line…")).toBeDefined();
  rerender(<Welcome arrived host="logs.example" />);
  expect(screen.getByText("The first line is here.")).toBeDefined();
});

test("the lines are for where the server is, and for the port that it listens on", async () => {
  render(<Welcome arrived={false} host="logs.example" />);
  expect(screen.getByText(/logger -n logs.example -P 5140/)).toBeDefined();
  await userEvent.clear(screen.getByLabelText("Port"));
  await userEvent.type(screen.getByLabelText("Port"), "514");
  expect(screen.getByText(/logger -n logs.example -P 514 /)).toBeDefined();
  await userEvent.click(screen.getByRole("tab", { name: "rsyslog" }));
  expect(screen.getByText(/target="logs.example" port="514"/)).toBeDefined();
});
