import type { ReactNode } from "react";

import { duration } from "../../format/durations.ts";
import { count, counted } from "../../format/numbers.ts";
import { Button } from "../../ui/Button.tsx";
import { useNow } from "../../ui/useNow.ts";
import { behindAt } from "./delay.ts";
import type { LiveTail } from "./useLiveTail.ts";
import "./StateLine.css";

/** A tail that is no further behind than this says that it is live, in milliseconds. */
const LIVE = 1_500;

type State = "live" | "behind" | "paused" | "cut" | "out" | "over";

/** How it stands with the tail, at all times. */
export function StateLine({ tail }: { readonly tail: LiveTail }): ReactNode {
  const now = useNow(1_000);
  const { buffer, problem } = tail;
  const behind = behindAt(tail.delay, now);
  const state = stateOf(tail, behind);
  const words = wordsOf(tail, state, behind, now);
  return (
    <div className={`state state-${state}`}>
      <i className="state-dot" aria-hidden />
      {/* Screen readers hear what changes, not every count. */}
      <span role="status">{words.said}</span>
      {words.more !== undefined && <span className="state-more">{words.more}</span>}
      {problem && <span className="state-problem" role="alert">{problem}</span>}
      {buffer.paused && (
        <Button look="primary" className="state-return" onClick={tail.resume}>
          {buffer.news > 0 ? `${count(buffer.news)} new` : "Go on"} ↓
        </Button>
      )}
    </div>
  );
}

function stateOf({ buffer, connection }: LiveTail, behind: number): State {
  if (connection === "over" || connection === "out") return connection;
  if (connection !== "open") return "cut";
  if (buffer.paused) return "paused";
  return buffer.caughtUp && behind < LIVE ? "live" : "behind";
}

function wordsOf(tail: LiveTail, state: State, late: number, now: number): { readonly said: string; readonly more?: string } {
  const { buffer, connection, cutAt } = tail;
  const behind = late >= LIVE ? `${duration(Math.round(late / 1_000))} behind` : undefined;
  switch (state) {
    case "live":
      return { said: "Live", more: counted(buffer.received, "record") };
    case "behind":
      return { said: "Catching up", ...(behind !== undefined && { more: behind }) };
    case "paused":
      return { said: "Paused", ...(behind !== undefined && { more: behind }) };
    case "cut": {
      if (connection === "connecting") return { said: "Starting…" };
      const since = cutAt === undefined ? 0 : Math.floor((now - cutAt) / 1_000);
      const how = "it goes on where it was";
      return { said: "Reconnecting…", more: since < 2 ? how : `no connection for ${duration(since)}; ${how}` };
    }
    case "out":
      return { said: "Signed out" };
    case "over":
      return { said: "Stopped" };
  }
}
