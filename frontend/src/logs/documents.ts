/** What Explore asks the server. */
import type { TypedDocumentNode } from "@graphql-typed-document-node/core";

import type { LineFragment } from "../graphql/generated/graphql.ts";
import { graphql, including } from "../graphql/graphql.ts";

export type Line = LineFragment;

export const LINE = graphql(`
  fragment Line on Log {
    id timestamp receivedAt severity facility host app procId msgId message attributes
    source { id address }
  }
`);

const PAGE = graphql(`
  fragment LinePage on LogConnection {
    edges { node { ...Line } }
    pageInfo { hasPreviousPage hasNextPage startCursor endCursor }
  }
`);

/** A screen: the first page of lines, counts over time, and, by `withTops`, the commonest values of some fields. */
export const EXPLORE = including(
  graphql(`
    query Explore($filter: LogFilter, $counted: LogFilter, $buckets: Int, $first: Int, $last: Int, $orderBy: LogOrder) {
      logs(filter: $filter, first: $first, last: $last, orderBy: $orderBy) { ...LinePage }
      histogram(filter: $counted, buckets: $buckets, by: SEVERITY) { start key count }
    }
  `),
  PAGE,
  LINE,
);

/** What stands around the lines: for a view that follows, whose lines come by themselves. */
export const OVERVIEW = graphql(`
  query Overview($counted: LogFilter, $buckets: Int) {
    histogram(filter: $counted, buckets: $buckets, by: SEVERITY) { start key count }
  }
`);

/** Whether there is any record at all. */
export const ANY = graphql(`query AnyRecord { logs(first: 1) { edges { cursor } } }`);

/** A further page of lines, in either direction. */
export const LINES = including(
  graphql(`
    query Lines($filter: LogFilter, $first: Int, $after: String, $last: Int, $before: String, $orderBy: LogOrder) {
      logs(filter: $filter, first: $first, after: $after, last: $last, before: $before, orderBy: $orderBy) { ...LinePage }
    }
  `),
  PAGE,
  LINE,
);

/** The commonest values of one field. */
export const TOP = graphql(`
  query Top($filter: LogFilter, $field: String!, $first: Int) {
    top(filter: $filter, field: $field, first: $first) { value count }
  }
`);

/** The log as it grows. */
export const TAIL = including(
  graphql(`
    subscription Tail($filter: LogFilter, $after: String, $last: Int) {
      tail(filter: $filter, after: $after, last: $last) { logs { ...Line } cursor caughtUp lostBefore }
    }
  `),
  LINE,
);

/** One record. */
export const RECORD = including(graphql(`query Record($id: ID!) { log(id: $id) { ...Line } }`), LINE);

/** The records around one. */
export const CONTEXT = including(
  graphql(`
    query Context($id: ID!, $side: Int, $of: ContextOf) {
      log(id: $id) { id context(before: $side, after: $side, of: $of) { ...Line } }
    }
  `),
  LINE,
);

const EXPORTED = graphql(`
  fragment Exported on Export { id state problem records bytes skipped progress }
`);

/** A file of all that a filter selects. */
export const CREATE_EXPORT = including(
  graphql(`
    mutation CreateExport($filter: LogFilter, $format: ExportFormat!, $skipDamaged: Boolean) {
      createExport(filter: $filter, format: $format, skipDamaged: $skipDamaged) { ...Exported url }
    }
  `),
  EXPORTED,
);

export const EXPORT = including(graphql(`query ExportProgress($id: ID!) { export(id: $id) { ...Exported } }`), EXPORTED);

export const CANCEL_EXPORT = including(
  graphql(`mutation CancelExport($id: ID!) { cancelExport(id: $id) { ...Exported } }`),
  EXPORTED,
);

/** The filters that have a name. */
export const SAVED_SEARCHES = graphql(`
  query SavedSearches {
    savedSearches { id name filter shared owner { id displayName } }
  }
`);

export const SAVE_SEARCH = graphql(`
  mutation SaveSearch($name: String!, $filter: LogFilter!, $shared: Boolean) {
    saveSearch(name: $name, filter: $filter, shared: $shared) { id }
  }
`);

export const REMOVE_SEARCH = graphql(`mutation RemoveSearch($id: ID!) { removeSearch(id: $id) { id } }`);

/** Hosts and programs to choose from. */
export const SOURCES = graphql(`
  query FindSources($filter: SourceFilter) {
    sources(filter: $filter, first: 500) { edges { node { id host app } } }
  }
`);

export interface ValueCount {
  readonly value: string | null;
  readonly count: number;
}

/** The answers of `withTops`, by the order of its fields. */
export type Tops = Readonly<Record<`top${number}`, readonly ValueCount[] | null>>;

/** Values of a field that are shown beside the lines. */
export const TOP_VALUES = 10;

/** An operation that also counts the commonest values of these fields, in the records of a variable's filter. */
export function withTops<Data, Variables>(
  operation: TypedDocumentNode<Data, Variables>,
  fields: readonly string[],
  filter: string,
): TypedDocumentNode<Data & Tops, Variables> {
  const tops = fields.map(
    (field, n) =>
      `      top${n}: top(filter: $${filter}, field: ${JSON.stringify(field)}, first: ${TOP_VALUES}) { value count }\n`,
  );
  const text = String(operation);
  // The operation ends where its fragments begin, or the text does.
  const end = text.search(/\}\s*(fragment\s[^]*)?$/);
  const changed: unknown = `${text.slice(0, end).trimEnd()}\n${tops.join("")}    ${text.slice(end)}`;
  return changed as TypedDocumentNode<Data & Tops, Variables>;
}
