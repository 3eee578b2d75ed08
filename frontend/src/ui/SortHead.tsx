import type { ReactNode } from "react";

import { Icon } from "./Icon.tsx";
import "./SortHead.css";

/** By what a list is sorted, and which way. */
export interface Sort<Key extends string> {
  readonly by: Key;
  readonly descending: boolean;
}

interface SortHeadProps<Key extends string> {
  readonly by: Key;
  readonly sort: Sort<Key>;
  readonly onSort: (sort: Sort<Key>) => void;
  /** Whether what one wants to see first is the most: of numbers and times. */
  readonly mostFirst?: boolean;
  readonly number?: boolean;
  readonly children: ReactNode;
}

/** The head of a column that sorts by it, and the other way round when it is pressed again. */
export function SortHead<Key extends string>(props: SortHeadProps<Key>): ReactNode {
  const { by, sort, onSort, mostFirst = false, number = false, children } = props;
  const active = sort.by === by;
  const descending = active ? !sort.descending : mostFirst;
  const order = sort.descending ? "descending" : "ascending";
  return (
    <th className={number ? "number" : undefined} aria-sort={active ? order : "none"}>
      <button type="button" className="sort-head" onClick={() => onSort({ by, descending })}>
        {children}
        <span className={`sort-arrow ${active ? order : ""}`}><Icon name="chevron" size={12} /></span>
      </button>
    </th>
  );
}
