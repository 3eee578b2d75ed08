/** The lines: a grid of which only what can be seen is in the page, however many there are. */
import {
  forwardRef, useCallback, useEffect, useId, useImperativeHandle, useLayoutEffect, useMemo, useRef, type CSSProperties,
  type KeyboardEvent, type PointerEvent, type ReactNode,
} from "react";
import { Virtualizer, type VirtualizerHandle } from "virtua";

import { counted } from "../../format/numbers.ts";
import { columnName, tracks } from "./columns.ts";
import { keyOf, type Item } from "./items.ts";
import { Row, type Looks } from "./Row.tsx";
import "./LogList.css";

/** Rows from an end at which what is beyond it is asked for. */
const NEAR = 60;
const ROW_HEIGHT = 24;
const FOLDED_ROW_HEIGHT = 44;

/** What else can be done to a list than to give it other rows. */
export interface ListHandle {
  readonly focus: () => void;
  /** Scrolls as little as shows the row. */
  readonly show: (index: number) => void;
}

interface LogListProps {
  readonly label: string;
  readonly items: readonly Item[];
  readonly looks: Looks;
  /** The record that the keys speak of. */
  readonly active: string | undefined;
  readonly opened: ReadonlySet<string>;
  readonly onToggle: (id: string) => void;
  /** Whether the last row is kept in sight. */
  readonly following: boolean;
  /** Somebody scrolls, with what can be seen. */
  readonly onLook: (seen: { readonly nearStart: boolean; readonly nearEnd: boolean; readonly atEnd: boolean }) => void;
  /** Somebody scrolls by hand, up or down. */
  readonly onPull?: (direction: -1 | 1) => void;
  readonly onKeyDown: (event: KeyboardEvent) => void;
  /** Below the row of an opened record. */
  readonly renderRecord: (item: Item) => ReactNode;
  readonly narrow: boolean;
  /** What stands before the first row and after the last. */
  readonly before?: ReactNode;
  readonly after?: ReactNode;
}

export const LogList = forwardRef<ListHandle, LogListProps>(function LogList(props, handle): ReactNode {
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
    handle,
    () => ({
      focus: () => scroller.current?.focus(),
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
      aria-label={props.label} aria-rowcount={-1} aria-colcount={looks.columns.length + 3}
      aria-activedescendant={activeIndex === -1 ? undefined : `${id}-${active}`}
      onKeyDown={props.onKeyDown} onWheel={(event) => event.deltaY !== 0 && onPull?.(event.deltaY < 0 ? -1 : 1)}
      onTouchMove={() => onPull?.(-1)} onPointerDown={(event) => isOnScrollbar(event) && onPull?.(-1)}
    >
      <Head looks={looks} />
      {props.before}
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
              {open && props.renderRecord(item)}
            </div>
          );
        }}
      </Virtualizer>
      {props.after}
    </div>
  );
});

const NONE: readonly number[] = [];

/** The places of the rows that fill the screen at the end. */
function lastOf(items: readonly Item[], scroller: HTMLElement | null, rowHeight: number): readonly number[] {
  const count = Math.min(items.length, Math.ceil((scroller?.clientHeight ?? 0) / rowHeight) + 2);
  return Array.from({ length: count }, (_, n) => items.length - count + n);
}

/** Whether rows have come or gone before the first one, and nowhere else: then what is seen has to stay in place. */
function useShift(items: readonly Item[]): boolean {
  const before = useRef<{ readonly items: readonly Item[]; readonly shift: boolean }>({ items, shift: false });
  if (before.current.items !== items) {
    const [first, last] = [items[0], items.at(-1)];
    const [oldFirst, oldLast] = [before.current.items[0], before.current.items.at(-1)];
    const known = first !== undefined && last !== undefined && oldFirst !== undefined && oldLast !== undefined;
    before.current = { items, shift: known && keyOf(last) === keyOf(oldLast) && keyOf(first) !== keyOf(oldFirst) };
  }
  return before.current.shift;
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
