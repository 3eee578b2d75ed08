/** The log as it grows: what a view shows while it follows. Whatever is cut goes on from the last cursor. */
import { useCallback, useEffect, useRef, useState } from "react";

import type { TailSubscription } from "../../graphql/generated/graphql.ts";
import { client } from "../../graphql/client.ts";
import { problemsOf } from "../../graphql/problems.ts";
import { socket, subscribe } from "../../graphql/socket.ts";
import { session } from "../../session/index.ts";
import { explain } from "../../session/explain.ts";
import { onceSignedIn } from "../../session/onceSignedIn.ts";
import { Failure, type PublicError } from "../../session/request.ts";
import { LINES, TAIL, type Line } from "../documents.ts";
import { beforeId, type Filter } from "../view/filter.ts";
import { emptyBuffer, oldestId, paused, resumed, withBatches, withOlder, type Batch, type LiveBuffer } from "./buffer.ts";
import { eachFrame } from "./frames.ts";
import { noDelay, withArrival, type Delay } from "./delay.ts";

/** Rows that are kept while nobody reads further back. */
const KEPT = 5_000;
/** Records that a tail begins with. */
const BEGINNING = 500;
/** Records of a page from the store. */
const OLDER = 500;
/** How long until a tail that ended is asked for again, in milliseconds. */
const AGAIN = 1_000;

/** `out`: nobody is signed in; `over`: it cannot be followed as it is asked for. */
export type Connection = "connecting" | "open" | "cut" | "out" | "over";

export interface LiveTail {
  readonly buffer: LiveBuffer<Line>;
  readonly connection: Connection;
  /** Since when there is no connection, in milliseconds since 1970. */
  readonly cutAt: number | undefined;
  readonly delay: Delay;
  /** Why it cannot be followed, or older records not be had; empty where that is said elsewhere. */
  readonly problem: string | undefined;
  readonly loadingOlder: boolean;
  readonly pause: () => void;
  readonly resume: () => void;
  /** Asks the store for what is before the first row. */
  readonly loadOlder: () => void;
}

/** Follows the records of a filter; none: follows nothing. */
export function useLiveTail(filter: Filter | undefined): LiveTail {
  const [buffer, setBuffer] = useState(() => emptyBuffer<Line>(KEPT));
  const [connection, setConnection] = useState<Connection>("connecting");
  const [cutAt, setCutAt] = useState<number>();
  const [delay, setDelay] = useState(noDelay);
  const [problem, setProblem] = useState<string>();
  const [loadingOlder, setLoadingOlder] = useState(false);
  const cancelOlder = useRef<() => void>(undefined);
  const key = filter === undefined ? undefined : JSON.stringify(filter);

  useEffect(() => {
    if (key === undefined) return;
    const wanted = JSON.parse(key) as Filter;
    let cursor: string | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let cancel = () => {};
    let over = false;
    setBuffer(emptyBuffer(KEPT));
    setDelay(noDelay);
    setProblem(undefined);
    setConnection("connecting");

    const frames = eachFrame<Batch<Line>>((batches) => {
      setBuffer((before) => withBatches(before, batches));
      setDelay((before) => batches.reduce((delay, batch) => withArrival(delay, batch, Date.now()), before));
    });
    const end = (why: string) => {
      over = true;
      setProblem(why);
      setConnection("over");
    };
    const open = () => {
      cancel = subscribe(
        TAIL,
        () => (cursor === undefined ? { filter: wanted, last: BEGINNING } : { filter: wanted, after: cursor }),
        {
          next({ data, errors }) {
            const batch = (data as TailSubscription | null | undefined)?.tail;
            if (batch) {
              cursor = batch.cursor;
              setConnection("open");
              setProblem(undefined);
              frames.add(batch);
            }
            const failure = errors?.[0] && Failure.of(errors[0] as unknown as PublicError);
            if (failure === undefined) return;
            if (failure.code === "BAD_USER_INPUT" && failure.details.argument === "after") {
              // Another log than before: its positions are others.
              cursor = undefined;
              setBuffer(emptyBuffer(KEPT));
            }
            // What is wrong with the query is said beside it.
            else if (failure.details.argument === "filter.query") return end("");
            else if (failure.code === "BAD_USER_INPUT" || failure.code === "FORBIDDEN") return end(explain(failure));
            setProblem(failure.code === "UNAUTHENTICATED" ? undefined : explain(failure));
          },
          error() {
            if (over) return;
            // The session says that it is over; whoever signs in again goes on where the tail was.
            setConnection("out");
            cancel = onceSignedIn(session, open);
          },
          complete() {
            if (over) return;
            setConnection("cut");
            timer = setTimeout(open, AGAIN);
          },
        },
      );
    };
    const unlisten = socket().on("closed", () => {
      if (over) return;
      setConnection("cut");
      setCutAt(Date.now());
    });
    open();
    return () => {
      over = true;
      unlisten();
      clearTimeout(timer);
      cancel();
      frames.stop();
      cancelOlder.current?.();
    };
  }, [key]);

  const oldest = oldestId(buffer);
  const { older } = buffer;
  const loadOlder = useCallback(() => {
    if (filter === undefined || oldest === undefined || !older || cancelOlder.current !== undefined) return;
    const variables = { filter: beforeId(filter, oldest), first: OLDER, orderBy: "ARRIVAL" } as const;
    setLoadingOlder(true);
    const asked = client.query(LINES, variables).subscribe(({ data, error }) => {
      cancelOlder.current = undefined;
      setLoadingOlder(false);
      setProblem(problemsOf(error)[0]?.text);
      const page = data?.logs;
      if (!page) return;
      const logs = page.edges.map(({ node }) => node).toReversed();
      setBuffer((before) => withOlder(before, logs, page.pageInfo.hasNextPage));
    });
    cancelOlder.current = () => {
      cancelOlder.current = undefined;
      setLoadingOlder(false);
      asked.unsubscribe();
    };
  }, [filter, oldest, older]);

  return {
    buffer,
    connection,
    cutAt: connection === "cut" ? cutAt : undefined,
    delay,
    problem,
    loadingOlder,
    pause: useCallback(() => setBuffer(paused), []),
    resume: useCallback(() => setBuffer(resumed), []),
    loadOlder,
  };
}
