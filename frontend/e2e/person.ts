/** What a person does with the dashboard, and what they see there, in words. */
import type { Locator, Page } from "playwright-core";
import { expect } from "vitest";

import type { Offences } from "./browser.ts";
import { PASSWORD, type Server } from "./server.ts";

export class Person {
  readonly page: Page;
  readonly server: Server;
  /** What the pages of this person did that they must not. */
  readonly offences: Offences;

  constructor(page: Page, server: Server, offences: Offences) {
    this.page = page;
    this.server = server;
    this.offences = offences;
  }

  /** The same person in another tab: what is signed in here is signed in there. */
  async inAnotherTab(): Promise<Person> {
    return new Person(await this.page.context().newPage(), this.server, this.offences);
  }

  async opens(path: string): Promise<void> {
    await this.page.goto(this.server.url(path));
  }

  async signsIn(username = "admin", password = PASSWORD): Promise<void> {
    await this.entersCredentials(username, password);
    await this.page.getByRole("button", { name: /^Account of / }).waitFor();
  }

  async entersCredentials(username: string, password: string): Promise<void> {
    await this.page.getByLabel("Username").fill(username);
    await this.page.getByLabel("Password", { exact: true }).fill(password);
    await this.page.getByRole("button", { name: "Sign in" }).click();
  }

  async presses(...keys: readonly string[]): Promise<void> {
    for (const key of keys) await this.page.keyboard.press(key);
  }

  async clicks(name: string | RegExp): Promise<void> {
    await this.page.getByRole("button", { name, exact: true }).click();
  }

  // What is asked for.

  get searchBox(): Locator {
    return this.page.getByRole("combobox", { name: "Search" });
  }

  async searches(query: string): Promise<void> {
    await this.searchBox.fill(query);
    await this.searchBox.press("Enter");
  }

  async choosesTime(name: string): Promise<void> {
    await this.page.getByTitle("Choose the time").click();
    await this.page.getByRole("dialog", { name: "Time" }).getByRole("button", { name, exact: true }).click();
  }

  /** Draws over a stretch of the histogram, from one part of its width to another. */
  async zooms(from: number, to: number): Promise<void> {
    const { x, y, width, height } = await boxOf(this.page.locator(".histogram .u-over"));
    const middle = y + height / 2;
    await this.page.mouse.move(x + width * from, middle);
    await this.page.mouse.down();
    await this.page.mouse.move(x + width * to, middle, { steps: 4 });
    await this.page.mouse.up();
    // What is pointed at is spoken of instead of all.
    await this.page.mouse.move(0, 0);
  }

  /** A value in the sidebar. */
  value(field: string, value: string): Locator {
    return this.page.getByRole("list", { name: `Values of ${field}` }).getByRole("button", { name: new RegExp(`^${value}`) });
  }

  // The lines.

  /** The rows of records that are on the screen. */
  get lines(): Locator {
    return this.page.locator("[role=treegrid] .line[aria-expanded]");
  }

  line(message: string): Locator {
    return this.lines.filter({ hasText: message });
  }

  /** An opened record. */
  get record(): Locator {
    return this.page.getByRole("region", { name: /^Record \d/ });
  }

  /** The messages of the lines on the screen, from the top. */
  async messages(): Promise<readonly string[]> {
    return this.lines.locator(".line-message").allInnerTexts();
  }

  /** The positions in the log of the lines on the screen, from the top. */
  async positions(): Promise<readonly string[]> {
    return this.lines.evaluateAll((rows) => rows.map(({ id }) => id.slice(id.lastIndexOf("-") + 1)));
  }

  /** Waits until these lines, and no other, are on the screen. */
  async sees(...messages: readonly string[]): Promise<void> {
    await expect.poll(() => this.messages()).toEqual(messages);
  }

  /** Waits until what was asked for last has been answered. */
  async isAnswered(): Promise<void> {
    await this.page.locator(".lines-pane[aria-busy=false]").waitFor();
  }

  /** All that the list of lines says. */
  async listed(): Promise<string> {
    return this.page.getByRole("treegrid").innerText();
  }

  async seesTitle(title: string): Promise<void> {
    await this.page.getByRole("heading", { name: title }).waitFor();
  }

  /** Waits until something is to be read, wherever on the page. */
  async reads(words: string | RegExp): Promise<void> {
    await this.page.getByText(words).filter({ visible: true }).first().waitFor();
  }

  /** How many records the histogram counts. */
  async seesCount(words: string): Promise<void> {
    await this.page.getByRole("region", { name: "Records over time" }).getByText(words, { exact: true }).waitFor();
  }

  // Following.

  /** What the page says about how it follows. */
  async isTold(words: string): Promise<void> {
    await this.page.locator(".state").getByRole("status").getByText(words, { exact: true }).waitFor();
  }

  async goesLive(): Promise<void> {
    await this.page.getByRole("button", { name: "Live" }).click();
    await this.isTold("Live");
  }

  /** Goes up from the last line by line, and says the positions of the newest so many. */
  async walksUp(count: number): Promise<readonly number[]> {
    const list = this.page.getByRole("treegrid");
    const seen = new Set<number>();
    while (seen.size < count) {
      const before = seen.size;
      for (const position of (await this.positions()).toReversed()) seen.add(Number(position));
      await list.evaluate((element) => new Promise((painted) => {
        element.scrollTop -= element.clientHeight / 2;
        requestAnimationFrame(() => requestAnimationFrame(painted));
      }));
      if (seen.size === before && (await list.evaluate(({ scrollTop }) => scrollTop)) === 0) break;
    }
    return [...seen].toSorted((one, other) => other - one);
  }

  // What stands above the page.

  /** Opens what a button opens, and gives it. */
  async openedBy(button: string, dialog: string): Promise<Locator> {
    await this.page.getByRole("button", { name: button, exact: true }).click();
    const opened = this.page.getByRole("dialog", { name: dialog });
    await opened.waitFor();
    return opened;
  }

  async choosesInMenu(button: string, item: string): Promise<void> {
    await this.page.getByRole("button", { name: button, exact: true }).click();
    await this.page.getByRole("menuitem", { name: item }).click();
  }
}

async function boxOf(element: Locator): Promise<{ readonly x: number; readonly y: number; readonly width: number; readonly height: number }> {
  await element.waitFor();
  const box = await element.boundingBox();
  if (box === null) throw new Error("it is not to be seen");
  return box;
}
