/** A list that is read page by page. */
import { useCallback, useEffect, useRef, useState } from "react";

import { explain } from "../session/explain.ts";

/** A page of a list, and where the next one begins; null after the last. */
export interface ListPage<Item> {
  readonly items: readonly Item[];
  readonly next: string | null;
}

export interface Pages<Item> {
  /** All that was read so far; none before the first page. */
  readonly items: readonly Item[] | undefined;
  /** Whether there is more to read. */
  readonly hasMore: boolean;
  readonly loading: boolean;
  readonly problem: string | undefined;
  /** Reads the next page. */
  readonly more: () => void;
  /** Begins anew with the first page. */
  readonly reload: () => void;
}

/** Reads the first page at once and the others when asked to. `load` stays the same function for the same list. */
export function usePages<Item>(load: (after: string | null) => Promise<ListPage<Item>>): Pages<Item> {
  const [items, setItems] = useState<readonly Item[]>();
  const [next, setNext] = useState<string | null>(null);
  const [loading, setLoading] = useState(true);
  const [problem, setProblem] = useState<string>();
  const latest = useRef(0);

  const read = useCallback(
    async (after: string | null) => {
      const own = ++latest.current;
      setLoading(true);
      setProblem(undefined);
      try {
        const page = await load(after);
        if (own !== latest.current) return;
        setItems((known) => (after === null ? page.items : [...(known ?? []), ...page.items]));
        setNext(page.next);
      } catch (error) {
        if (own === latest.current) setProblem(explain(error));
      } finally {
        if (own === latest.current) setLoading(false);
      }
    },
    [load],
  );
  useEffect(() => {
    void read(null);
    return () => {
      latest.current += 1;
    };
  }, [read]);
  const more = useCallback(() => void read(next), [read, next]);
  const reload = useCallback(() => void read(null), [read]);
  return { items, hasMore: next !== null, loading, problem, more, reload };
}
