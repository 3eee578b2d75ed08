/** The first minutes: a log that is empty, and the first line in it. */
import { expect, test } from "vitest";

import { setScene } from "./scene.ts";

const scene = setScene();

test("an empty log shows how to send the first line, and lights up when it comes", async () => {
  const ada = await scene.person("/");
  await ada.seesTitle("Send the first line");
  await ada.page.getByText("Waiting for the first line…").waitFor();
  const command = ada.page.getByLabel("One line", { exact: true });
  expect(await command.innerText()).toContain("logger -n 127.0.0.1 -P 5140");
  await ada.page.getByRole("tab", { name: "rsyslog" }).click();
  await ada.page.getByText('target="127.0.0.1"').waitFor();
  await scene.server.send("the very first line");
  await ada.page.getByRole("status").getByText("The first line is here.").waitFor();
  await ada.sees("the very first line");
  await ada.seesCount("1 record");
});
