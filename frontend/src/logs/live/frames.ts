/** Things that come faster than a screen is painted, handed on once a frame, or less often where a frame takes long. */

export interface Frames<Item> {
  readonly add: (item: Item) => void;
  /** Hands on nothing more. */
  readonly stop: () => void;
}

/** How often things are handed on while nobody can see the page, which then has no frames; in milliseconds. */
const UNSEEN = 1_000;
/** A frame that takes longer than this is followed by a rest as long, for whoever clicks meanwhile; in milliseconds. */
const BUSY = 25;
/** No rest is longer, in milliseconds. */
const LONGEST_REST = 250;

export function eachFrame<Item>(handOn: (items: readonly Item[]) => void): Frames<Item> {
  let waiting: Item[] = [];
  let cancel: (() => void) | undefined;
  let restsUntil = 0;

  const flush = () => {
    cancel = undefined;
    const items = waiting;
    waiting = [];
    if (items.length === 0) return;
    const begun = performance.now();
    handOn(items);
    // What this brought about is done when the next frame begins.
    requestAnimationFrame(() => {
      const took = performance.now() - begun;
      if (took > BUSY) restsUntil = performance.now() + Math.min(took, LONGEST_REST);
    });
  };
  const schedule = () => {
    if (document.visibilityState === "visible") {
      const frame = requestAnimationFrame(() => (performance.now() < restsUntil ? schedule() : flush()));
      cancel = () => cancelAnimationFrame(frame);
    } else {
      const timer = setTimeout(flush, UNSEEN);
      cancel = () => clearTimeout(timer);
    }
  };
  // What waits for a frame that does not come, because the page was hidden, waits for the clock instead.
  const onVisibility = () => {
    if (cancel === undefined) return;
    cancel();
    schedule();
  };
  document.addEventListener("visibilitychange", onVisibility);

  return {
    add(item) {
      waiting.push(item);
      if (cancel === undefined) schedule();
    },
    stop() {
      document.removeEventListener("visibilitychange", onVisibility);
      cancel?.();
      cancel = undefined;
      waiting = [];
    },
  };
}
