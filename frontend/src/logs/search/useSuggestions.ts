/** What may be meant by what is being typed: fields, the commonest values of a field, and queries of before. */
import { useEffect, useMemo, useState } from "react";

import { client } from "../../graphql/client.ts";
import { TOP } from "../documents.ts";
import type { Filter } from "../view/filter.ts";
import { LEVELS } from "../view/view.ts";
import { matching, typingAt, type Typing } from "./caret.ts";
import { pastQueries } from "./history.ts";
import { FIELDS } from "./tokens.ts";

export type Suggestion =
  | { readonly kind: "completion"; readonly text: string; readonly typing: Typing; readonly count?: number }
  /** A whole query. */
  | { readonly kind: "past"; readonly text: string };

interface Asked {
  readonly query: string;
  /** None while nobody is typing. */
  readonly caret: number | undefined;
  /** The attributes that are known. */
  readonly attributes: readonly string[];
  /** The records whose values are suggested. */
  readonly within: Filter;
}

const MOST = 10;
const MOST_PAST = 6;
/** Values of a field that are looked through. */
const VALUES = 200;
/** How long somebody has to type nothing until values are asked for, in milliseconds. */
const PAUSE = 120;

export function useSuggestions({ query, caret, attributes, within }: Asked): readonly Suggestion[] {
  const typing = useMemo(() => (caret === undefined ? undefined : typingAt(query, caret)), [query, caret]);
  const values = useValues(typing?.kind === "value" ? typing.field : undefined, within);
  return useMemo(() => {
    if (caret === undefined) return [];
    const past = pastQueries().filter((other) => other !== query.trim() && other.startsWith(query.trim()));
    const ofPast = past.slice(0, MOST_PAST).map((text) => ({ kind: "past", text }) as const);
    if (typing === undefined) return ofPast;
    const counts = new Map(values.map(({ value, count }) => [value, count]));
    const choices = typing.kind === "field" ? [...FIELDS, ...attributes] : [...counts.keys()];
    // Where nothing is typed yet, what was asked before is likelier than any field.
    const wanted = matching(choices, typing.text).slice(0, MOST);
    const completions = wanted.map((text): Suggestion => {
      const count = counts.get(text);
      return { kind: "completion", text, typing, ...(count !== undefined && { count }) };
    });
    return query.trim() === "" ? [...ofPast, ...completions] : [...completions, ...ofPast];
  }, [query, caret, typing, values, attributes]);
}

interface Known {
  readonly value: string;
  readonly count?: number;
}

const NONE: readonly Known[] = [];

/** The commonest values of a field, once somebody pauses in it. */
function useValues(field: string | undefined, within: Filter): readonly Known[] {
  const [known, setKnown] = useState<{ readonly field: string; readonly values: readonly Known[] }>();
  const isLevel = field !== undefined && /^(severity|level)$/i.test(field);

  useEffect(() => {
    if (field === undefined || isLevel) return;
    let cancel = () => {};
    const timer = setTimeout(() => {
      const asked = client.query(TOP, { filter: within, field, first: VALUES }).subscribe(({ data }) => {
        const values = data?.top?.flatMap(({ value, count }) => (value === null ? [] : [{ value, count }])) ?? [];
        setKnown({ field, values });
      });
      cancel = asked.unsubscribe;
    }, PAUSE);
    return () => {
      clearTimeout(timer);
      cancel();
    };
  }, [field, isLevel, within]);

  if (isLevel) return LEVEL_NAMES;
  return known !== undefined && known.field === field ? known.values : NONE;
}

const LEVEL_NAMES = LEVELS.map((level) => ({ value: level.toLowerCase() }));
