/** The lines: a grid of which only what can be seen is in the page, however many there are. */
import {
  useCallback, useEffect, useId, useImperativeHandle, useLayoutEffect, useMemo, useRef, type CSSProperties,
  type KeyboardEvent, type PointerEvent, type ReactNode, type Ref,
} from "react";
import { Virtualizer, type VirtualizerHandle } from "virtua";

import { counted } from "../../format/numbers.ts";
import { columnName, tracks } from "./columns.ts";
import { keyOf, type Item } from "./items.ts";
import { Row, type Looks } from "./Row.tsx";
import { useShift } from "./useShift.ts";
import "./LogList.css";

/** Rows from an end at which what is beyond it is asked for. */
const NEAR = 60;
const ROW_HEIGHT = 24;
const FOLDED_ROW_HEIGHT = 44;

/** What else can be done to a list than to give it other rows. */
export interface ListHandle {
  /** Scrolls as little as shows the row. */
  readonly show: (index: number) => void;
}

/** What can be seen of a list. */
export interface Seen {
  /** Whether the first or the last rows are near. */
  readonly nearStart: boolean;
  readonly nearEnd: boolean;
  /** Whether the last row is in sight. */
  readonly atEnd: boolean;
}

interface LogListProps {
  readonly ref: Ref<ListHandle>;
  /** What the rows are the answer to: another one begins at its top. */
  readonly answer: string | number | undefined;
  readonly items: readonly Item[];
  readonly looks: Looks;
  /** The record that the keys speak of. */
  readonly active: string | undefined;
  readonly opened: ReadonlySet<string>;
  readonly onToggle: (id: string) => void;
  /** Whether the last row is kept in sight. */
  readonly following: boolean;
  /** Whether there is nothing beyond the rows that are here. */
  readonly isWhole: boolean;
  readonly onLook: (seen: Seen) => void;
  /** Somebody scrolls by hand, up or down. */
  readonly onPull: (direction: -1 | 1) => void;
  readonly onKeyDown: (event: KeyboardEvent) => void;
  /** Below the row of an opened record. */
  readonly renderRecord: (item: Extract<Item, { readonly kind: "log" }>) => ReactNode;
  readonly narrow: boolean;
}

export function LogList(props: LogListProps): ReactNode {
  const { items, looks, active, opened, following, onLook, onPull, narrow } = props;
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useRef<VirtualizerHandle>(null);
  const shift = useShift(items);
  const style = useMemo(
    () => ({ "--tracks": tracks(looks.columns, looks.withDay) }) as CSSProperties,
    [looks.columns, looks.withDay],
  );

  const head = narrow ? 0 : ROW_HEIGHT + 1;
  useImperativeHandle(
    props.ref,
    () => ({
      show(index) {
        const [list, frame] = [rows.current, scroller.current];
        if (list === null || frame === null) return;
        const top = list.getItemOffset(index);
        const bottom = top + list.getItemSize(index) + head;
        // The head stands before the first row and covers the frame's top: so a row's place is where it is seen below it.
        if (top < frame.scrollTop) frame.scrollTop = top;
        else if (bottom > frame.scrollTop + frame.clientHeight) frame.scrollTop = Math.min(top, bottom - frame.clientHeight);
      },
    }),
    [head],
  );

  const look = useCallback(() => {
    const list = rows.current;
    if (list === null) return;
    const bottom = list.scrollOffset + list.viewportSize;
    onLook({
      nearStart: list.findItemIndex(list.scrollOffset) < NEAR,
      nearEnd: list.findItemIndex(bottom) >= items.length - NEAR,
      atEnd: bottom >= list.scrollSize - ROW_HEIGHT,
    });
  }, [items.length, onLook]);

  useLayoutEffect(() => {
    if (scroller.current !== null) scroller.current.scrollTop = 0;
  }, [props.answer]);
  const toEnd = () => scroller.current?.scrollTo({ top: scroller.current.scrollHeight });
  useLayoutEffect(() => {
    if (following) toEnd();
  }, [following, items]);

  // A page that does not fill the screen asks for the next one without a scroll.
  useEffect(() => {
    const frame = requestAnimationFrame(look);
    return () => cancelAnimationFrame(frame);
  }, [look]);

  const rowHeight = narrow ? FOLDED_ROW_HEIGHT : ROW_HEIGHT;
  const activeIndex = useMemo(() => items.findIndex((item) => keyOf(item) === active), [items, active]);
  return (
    <div
      ref={scroller} className={narrow ? "lines lines-narrow" : "lines"} style={style} role="treegrid" tabIndex={0}
      aria-label="Lines of the log" aria-rowcount={-1} aria-colcount={looks.columns.length + 3}
      aria-activedescendant={activeIndex === -1 ? undefined : `${id}-${active}`}
      onKeyDown={props.onKeyDown} onWheel={(event) => event.deltaY !== 0 && onPull(event.deltaY < 0 ? -1 : 1)}
      onTouchMove={() => onPull(-1)} onPointerDown={(event) => isOnScrollbar(event) && onPull(-1)}
    >
      <Head looks={looks} />
      <Virtualizer
        ref={rows} data={items} itemSize={rowHeight} shift={shift} scrollRef={scroller}
        startMargin={head} onScroll={look} onResize={() => following && toEnd()}
        // At the end of a list that grows, what will be seen next is there before it is scrolled to.
        keepMounted={following ? lastOf(items, scroller.current, rowHeight) : activeIndex === -1 ? NONE : [activeIndex]}
      >
        {(item, index) => {
          const key = keyOf(item);
          if (item.kind === "lost") return <Lost key={key} count={item.count} />;
          const open = opened.has(key);
          return (
            <div key={key} role="presentation" className={open ? "entry entry-open" : "entry"}>
              <Row
                id={`${id}-${key}`} line={item.log} looks={looks} place={index + 2} active={key === active} open={open}
                onToggle={props.onToggle}
              />
              {open && (
                <div role="row">
                  <div role="gridcell" aria-colspan={looks.columns.length + 3}>{props.renderRecord(item)}</div>
                </div>
              )}
            </div>
          );
        }}
      </Virtualizer>
      {props.isWhole && <p className="lines-end">That is all.</p>}
    </div>
  );
}

const NONE: readonly number[] = [];

/** The places of the rows that fill the screen at the end. */
function lastOf(items: readonly Item[], scroller: HTMLElement | null, rowHeight: number): readonly number[] {
  const count = Math.min(items.length, Math.ceil((scroller?.clientHeight ?? 0) / rowHeight) + 2);
  return Array.from({ length: count }, (_, n) => items.length - count + n);
}

/** Whether somebody takes hold of the scrollbar, which stands beside what is in the element. */
function isOnScrollbar({ target, currentTarget, nativeEvent }: PointerEvent<HTMLElement>): boolean {
  return target === currentTarget && nativeEvent.offsetX >= currentTarget.clientWidth;
}

function Head({ looks }: { readonly looks: Looks }): ReactNode {
  const names = ["time", "level", ...looks.columns.map(columnName), "message"];
  return (
    <div role="row" aria-rowindex={1} className="lines-head">
      {names.map((name) => <span key={name} role="columnheader">{name}</span>)}
    </div>
  );
}

/** Where records are missing for good. */
function Lost({ count }: { readonly count: number }): ReactNode {
  return (
    <div role="row" className="line-lost">
      <span role="gridcell">Retention removed {counted(count, "record")} here before they could be shown</span>
    </div>
  );
}
