/** Chromium for the tests, and what a page must not do in it. */
import { chromium, type Browser, type BrowserContext, type Page } from "playwright-core";

export async function launch(): Promise<Browser> {
  const executablePath = process.env["TAILWATER_TEST_CHROMIUM"];
  if (executablePath === undefined) throw new Error("TAILWATER_TEST_CHROMIUM names no browser: use scripts/browser-test");
  // Chromium does not run as root in a sandbox. It loads nothing but our own pages.
  return chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ["--no-sandbox"] : [] });
}

/** What pages did that they must not: requests to other hosts, errors on the console. */
export class Offences {
  readonly seen: string[] = [];

  /** Watches every page of a context that talks to the server at `origin`. */
  constructor(context: BrowserContext, origin: string) {
    context.on("request", (request) => {
      const url = new URL(request.url());
      const local = url.protocol === "data:" || url.protocol === "blob:";
      if (!local && url.origin !== origin) this.seen.push(`request to ${url.href}`);
    });
    context.on("page", (page) => this.#watch(page, origin));
  }

  #watch(page: Page, origin: string): void {
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") this.seen.push(`console: ${message.text()}`);
    });
    page.on("pageerror", (error) => this.seen.push(`thrown: ${error.message}`));
    page.on("requestfailed", (request) => {
      const aborted = request.failure()?.errorText === "net::ERR_ABORTED";
      if (!aborted) this.seen.push(`failed: ${request.url()} ${request.failure()?.errorText}`);
    });
    page.on("websocket", (socket) => {
      if (new URL(socket.url()).host !== new URL(origin).host) this.seen.push(`socket to ${socket.url()}`);
    });
  }
}
