/** The lines of a screen, and what is done among them. */
import { useCallback, useRef, useState, type KeyboardEvent, type ReactNode } from "react";

import { Problems } from "../ui/Problems.tsx";
import { useShortcut } from "../ui/shortcuts.ts";
import type { Item } from "./list/items.ts";
import { LogList, type ListHandle, type Seen } from "./list/LogList.tsx";
import { useIsNarrow, useLooks } from "./list/useLooks.ts";
import { Nothing } from "./Nothing.tsx";
import { PickValue, type Picking } from "./record/PickValue.tsx";
import { Record, type RecordTab } from "./record/Record.tsx";
import { useLineKeys } from "./useLineKeys.ts";
import { useRows } from "./useRows.ts";
import type { Screen } from "./useScreen.ts";
import { excludingValue, togglingValue } from "./view/change.ts";
import type { View } from "./view/view.ts";

export interface LinesPaneProps {
  readonly view: View;
  readonly onChange: (next: View) => void;
  readonly screen: Screen;
}

/** Keys of the list itself, and how many rows they go on. */
const STEPS: Readonly<Record<string, number>> = {
  ArrowDown: 1, ArrowUp: -1, PageDown: 20, PageUp: -20, Home: -Number.MAX_SAFE_INTEGER, End: Number.MAX_SAFE_INTEGER,
};

export function LinesPane({ view, onChange, screen }: LinesPaneProps): ReactNode {
  const { items, lines, tail } = screen;
  const list = useRef<ListHandle>(null);
  const rows = useRows(items);
  const [picking, setPicking] = useState<Picking>();
  const [tab, setTab] = useState<RecordTab>("fields");
  const looks = useLooks(view);
  const narrow = useIsNarrow();
  const atEnd = useRef(true);
  const { pause, resume, loadOlder, buffer } = tail;

  // Whoever reads a line of a log that is followed wants it to stay.
  const read = useCallback(() => {
    if (view.live) pause();
  }, [view.live, pause]);
  const move = (by: number) => {
    read();
    const place = rows.move(by);
    if (place !== undefined) list.current?.show(place);
  };
  const toggleRow = rows.toggle;
  const toggle = useCallback(
    (id: string) => {
      read();
      setTab("fields");
      toggleRow(id);
    },
    [read, toggleRow],
  );
  const around = (id: string) => {
    if (!rows.opened.has(id)) toggle(id);
    setTab("context");
  };
  useLineKeys({ rows, move, toggle, around, pick: setPicking });
  useShortcut({ keys: " ", does: "Pause or go on", group: "Live" }, () => (buffer.paused ? resume() : pause()), view.live);

  const onKeyDown = (event: KeyboardEvent) => {
    const step = STEPS[event.key];
    if (step === undefined || event.target !== event.currentTarget) return;
    event.preventDefault();
    if (event.key === "End" && view.live) resume();
    else move(step);
  };
  const onPull = (direction: -1 | 1) => {
    if (direction < 0) read();
    else if (view.live && atEnd.current) resume();
  };
  const onLook = useCallback(
    (seen: Seen) => {
      atEnd.current = seen.atEnd;
      if (view.live) {
        if (seen.nearStart && buffer.paused) loadOlder();
        return;
      }
      const [start, end] = view.order === "newest" ? (["newer", "older"] as const) : (["older", "newer"] as const);
      if (seen.nearEnd && lines[end]) lines.more(end);
      else if (seen.nearStart && lines[start]) lines.more(start);
    },
    [view.live, view.order, buffer.paused, loadOlder, lines],
  );
  const renderRecord = ({ log }: Extract<Item, { readonly kind: "log" }>) => (
    <Record
      line={log} view={view} onChange={onChange} find={looks.finders.get("message")}
      tab={log.id === rows.active ? tab : "fields"}
    />
  );

  return (
    <section className="lines-pane" aria-label="Lines" aria-busy={!view.live && screen.asking}>
      <Problems problems={screen.problems} again={screen.again} />
      {items.length === 0 ? (
        <Nothing view={view} onChange={onChange} screen={screen} />
      ) : (
        <LogList
          answer={view.live ? "live" : screen.answer?.question.now} ref={list} items={items} looks={looks} narrow={narrow} active={rows.active} opened={rows.opened}
          following={view.live && !buffer.paused} isWhole={!view.live && !lines.older && !lines.newer}
          onToggle={toggle} onKeyDown={onKeyDown} onPull={onPull} onLook={onLook} renderRecord={renderRecord}
        />
      )}
      {rows.line !== undefined && picking !== undefined && (
        <PickValue
          line={rows.line} picking={picking} onClose={() => setPicking(undefined)}
          onPick={(field, value) => {
            setPicking(undefined);
            onChange(picking === "include" ? togglingValue(view, field, value) : excludingValue(view, field, value));
          }}
        />
      )}
    </section>
  );
}
