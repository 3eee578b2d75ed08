/** The one session of this page. */
import { Session } from "./session.ts";
import { browserTabs } from "./tabs.ts";

export const session = new Session(browserTabs());
