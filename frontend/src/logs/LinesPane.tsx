/** The lines of a screen, the keys that move among them, and what stands in their place when there are none. */
import { useCallback, useMemo, useRef, useState, useSyncExternalStore, type KeyboardEvent, type ReactNode } from "react";


import { Problems } from "../ui/Problems.tsx";
import { useShortcut } from "../ui/shortcuts.ts";
import { finderFor } from "./list/highlight.ts";
import type { Item } from "./list/items.ts";
import { LogList, type ListHandle } from "./list/LogList.tsx";
import type { Looks } from "./list/Row.tsx";
import { Nothing } from "./Nothing.tsx";
import { PickValue, type Picking } from "./record/PickValue.tsx";
import { Record, type RecordTab } from "./record/Record.tsx";
import { useRows } from "./useRows.ts";
import type { Screen } from "./useScreen.ts";
import { excludingValue, togglingValue } from "./view/change.ts";
import type { View } from "./view/view.ts";

export interface LinesPaneProps {
  readonly view: View;
  readonly onChange: (next: View) => void;
  readonly screen: Screen;
}

const NARROW = "(max-width: 40rem)";
const DAY = 86_400_000;

export function LinesPane({ view, onChange, screen }: LinesPaneProps): ReactNode {
  const { items, lines, tail } = screen;
  const list = useRef<ListHandle>(null);
  const rows = useRows(items);
  const [picking, setPicking] = useState<Picking>();
  const [tab, setTab] = useState<RecordTab>("fields");
  const narrow = useNarrow();
  const looks = useLooks(view);
  const following = view.live && !tail.buffer.paused;

  const move = (by: number) => {
    if (view.live) tail.pause();
    const place = rows.move(by);
    if (place !== undefined) list.current?.show(place);
  };
  const toggle = (id: string) => {
    if (view.live) tail.pause();
    setTab("fields");
    rows.toggle(id);
  };
  const { active, line } = rows;
  const group = "Lines";
  useShortcut({ keys: "j", does: "Next line", group }, () => move(1));
  useShortcut({ keys: "k", does: "Line before", group }, () => move(-1));
  useShortcut({ keys: "Enter", does: "Open or close the line", group }, () => active !== undefined && toggle(active), active !== undefined);
  useShortcut({ keys: "c", does: "What is around the line", group }, () => {
    if (line === undefined) return;
    if (!rows.opened.has(line.id)) toggle(line.id);
    setTab("context");
  }, line !== undefined);
  useShortcut({ keys: "f", does: "Only lines with a value of this one", group }, () => setPicking("include"), line !== undefined);
  useShortcut({ keys: "x", does: "Lines without a value of this one", group }, () => setPicking("exclude"), line !== undefined);
  useShortcut({ keys: " ", does: "Pause or go on", group: "Live" }, () => (tail.buffer.paused ? tail.resume() : tail.pause()), view.live);

  const onKeyDown = (event: KeyboardEvent) => {
    const step = STEPS[event.key];
    if (step === undefined || event.target !== event.currentTarget) return;
    event.preventDefault();
    if (event.key === "End" && view.live) return tail.resume();
    move(step);
  };
  const onLook = useCallback(
    ({ nearStart, nearEnd }: { readonly nearStart: boolean; readonly nearEnd: boolean }) => {
      if (view.live) {
        if (nearStart && tail.buffer.paused) tail.loadOlder();
        return;
      }
      const [atStart, atEnd] = view.order === "newest" ? (["newer", "older"] as const) : (["older", "newer"] as const);
      if (nearEnd && lines[atEnd]) lines.more(atEnd);
      else if (nearStart && lines[atStart]) lines.more(atStart);
    },
    [view.live, view.order, tail, lines],
  );
  const atEnd = useRef(true);
  const onPull = (direction: -1 | 1) => {
    if (!view.live) return;
    if (direction < 0) tail.pause();
    else if (atEnd.current) tail.resume();
  };
  const renderRecord = (item: Item) =>
    item.kind === "log" && (
      <div role="row">
        <div role="gridcell" aria-colspan={looks.columns.length + 3}>
          <Record line={item.log} view={view} onChange={onChange} find={looks.finders.get("message")} tab={item.log.id === active ? tab : "fields"} />
        </div>
      </div>
    );

  return (
    <section className="lines-pane" aria-label="Lines" aria-busy={!view.live && screen.asking}>
      <Problems problems={screen.problems} again={screen.again} />
      {items.length === 0 ? (
        <Nothing view={view} onChange={onChange} screen={screen} />
      ) : (
        <LogList
          // Another answer begins at its top.
          key={view.live ? "live" : screen.answer?.question.now} ref={list} label="Lines of the log" items={items} looks={looks} active={active} opened={rows.opened}
          onToggle={toggle} following={following} narrow={narrow} onKeyDown={onKeyDown} onPull={onPull}
          onLook={(seen) => {
            atEnd.current = seen.atEnd;
            onLook(seen);
          }}
          renderRecord={renderRecord}
          after={!view.live && !lines.older && !lines.newer ? <p className="lines-end">That is all.</p> : null}
        />
      )}
      {line !== undefined && picking !== undefined && (
        <PickValue
          line={line} picking={picking} onClose={() => setPicking(undefined)}
          onPick={(field, value) => {
            setPicking(undefined);
            onChange(picking === "include" ? togglingValue(view, field, value) : excludingValue(view, field, value));
          }}
        />
      )}
    </section>
  );
}

const STEPS: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1, PageDown: 20, PageUp: -20, Home: -1e9, End: 1e9 };

/** How the lines of a view look. */
function useLooks(view: View): Looks {
  return useMemo(() => {
    const finders = new Map(["message", ...view.columns].map((field) => [field, finderFor(view.query, field)] as const));
    const withDay = view.time.kind === "all" || (view.time.kind === "between" ? view.time.to - view.time.from : 0) > DAY || spansDays(view);
    return { columns: view.columns, wrap: view.wrap, clock: view.clock, withDay, finders };
  }, [view.columns, view.query, view.wrap, view.clock, view.time]);
}

function spansDays({ time }: View): boolean {
  return time.kind === "last" && /d$|^(1[2-9]|[2-9]\d)h$/.test(time.length);
}

function useNarrow(): boolean {
  return useSyncExternalStore(
    (listener) => {
      const query = window.matchMedia(NARROW);
      query.addEventListener("change", listener);
      return () => query.removeEventListener("change", listener);
    },
    () => window.matchMedia(NARROW).matches,
  );
}
