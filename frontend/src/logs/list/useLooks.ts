import { useMemo } from "react";

import { useMedia } from "../../ui/media.ts";
import { milliseconds, type Range } from "../time/range.ts";
import type { View } from "../view/view.ts";
import { finderFor } from "./highlight.ts";
import type { Looks } from "./Row.tsx";

/** Ranges longer than this, in milliseconds, show the day beside the time. */
const HALF_A_DAY = 12 * 3_600_000;

/** How the lines of a view look: the same value until that changes. */
export function useLooks({ columns, query, wrap, clock, time }: View): Looks {
  return useMemo(() => {
    const finders = new Map(["message", ...columns].map((field) => [field, finderFor(query, field)] as const));
    return { columns, wrap, clock, withDay: isLong(time), finders };
  }, [columns, query, wrap, clock, time]);
}

function isLong(time: Range): boolean {
  switch (time.kind) {
    case "all":
      return true;
    case "last":
      return milliseconds(time.length) >= HALF_A_DAY;
    case "between":
      return time.to - time.from >= HALF_A_DAY;
  }
}

const NARROW = "(max-width: 40rem)";

/** Whether there is room for one line only above another one. */
export function useIsNarrow(): boolean {
  return useMedia(NARROW);
}
