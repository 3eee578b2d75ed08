/* eslint-disable */
import * as types from './graphql.ts';
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';

/**
 * Map of all GraphQL operations in the project.
 *
 * This map has several performance disadvantages:
 * 1. It is not tree-shakeable, so it will include all operations in the project.
 * 2. It is not minifiable, so the string of a GraphQL query will be multiple times inside the bundle.
 * 3. It does not support dead code elimination, so it will add unused operations.
 *
 * Therefore it is highly recommended to use the babel or swc plugin for production.
 * Learn more about it here: https://the-guild.dev/graphql/codegen/plugins/presets/preset-client#reducing-bundle-size
 */
type Documents = {
    "\n  fragment Line on Log {\n    id timestamp receivedAt severity facility host app procId msgId message attributes\n    source { id address }\n  }\n": typeof types.LineFragmentDoc,
    "\n  fragment LinePage on LogConnection {\n    edges { node { ...Line } }\n    pageInfo { hasPreviousPage hasNextPage startCursor endCursor }\n  }\n": typeof types.LinePageFragmentDoc,
    "\n    query Explore($filter: LogFilter, $counted: LogFilter, $buckets: Int, $first: Int, $last: Int, $orderBy: LogOrder) {\n      logs(filter: $filter, first: $first, last: $last, orderBy: $orderBy) { ...LinePage }\n      histogram(filter: $counted, buckets: $buckets, by: SEVERITY) { start key count }\n    }\n  ": typeof types.ExploreDocument,
    "\n  query Overview($counted: LogFilter, $buckets: Int) {\n    histogram(filter: $counted, buckets: $buckets, by: SEVERITY) { start key count }\n  }\n": typeof types.OverviewDocument,
    "\n    query Lines($filter: LogFilter, $first: Int, $after: String, $last: Int, $before: String, $orderBy: LogOrder) {\n      logs(filter: $filter, first: $first, after: $after, last: $last, before: $before, orderBy: $orderBy) { ...LinePage }\n    }\n  ": typeof types.LinesDocument,
    "\n  query Top($filter: LogFilter, $field: String!, $first: Int) {\n    top(filter: $filter, field: $field, first: $first) { value count }\n  }\n": typeof types.TopDocument,
    "\n    subscription Tail($filter: LogFilter, $after: String, $last: Int) {\n      tail(filter: $filter, after: $after, last: $last) { logs { ...Line } cursor caughtUp lostBefore }\n    }\n  ": typeof types.TailDocument,
    "query Record($id: ID!) { log(id: $id) { ...Line } }": typeof types.RecordDocument,
    "\n    query Context($id: ID!, $side: Int, $of: ContextOf) {\n      log(id: $id) { id context(before: $side, after: $side, of: $of) { ...Line } }\n    }\n  ": typeof types.ContextDocument,
    "\n  fragment Exported on Export { id state problem records bytes skipped progress }\n": typeof types.ExportedFragmentDoc,
    "\n    mutation CreateExport($filter: LogFilter, $format: ExportFormat!, $skipDamaged: Boolean) {\n      createExport(filter: $filter, format: $format, skipDamaged: $skipDamaged) { ...Exported url }\n    }\n  ": typeof types.CreateExportDocument,
    "query ExportProgress($id: ID!) { export(id: $id) { ...Exported } }": typeof types.ExportProgressDocument,
    "mutation CancelExport($id: ID!) { cancelExport(id: $id) { ...Exported } }": typeof types.CancelExportDocument,
    "\n  query SavedSearches {\n    savedSearches { id name filter shared owner { id displayName } }\n  }\n": typeof types.SavedSearchesDocument,
    "\n  mutation SaveSearch($name: String!, $filter: LogFilter!, $shared: Boolean) {\n    saveSearch(name: $name, filter: $filter, shared: $shared) { id }\n  }\n": typeof types.SaveSearchDocument,
    "mutation RemoveSearch($id: ID!) { removeSearch(id: $id) { id } }": typeof types.RemoveSearchDocument,
    "\n  query FindSources($filter: SourceFilter) {\n    sources(filter: $filter, first: 500) { edges { node { id host app } } }\n  }\n": typeof types.FindSourcesDocument,
};
const documents: Documents = {
    "\n  fragment Line on Log {\n    id timestamp receivedAt severity facility host app procId msgId message attributes\n    source { id address }\n  }\n": types.LineFragmentDoc,
    "\n  fragment LinePage on LogConnection {\n    edges { node { ...Line } }\n    pageInfo { hasPreviousPage hasNextPage startCursor endCursor }\n  }\n": types.LinePageFragmentDoc,
    "\n    query Explore($filter: LogFilter, $counted: LogFilter, $buckets: Int, $first: Int, $last: Int, $orderBy: LogOrder) {\n      logs(filter: $filter, first: $first, last: $last, orderBy: $orderBy) { ...LinePage }\n      histogram(filter: $counted, buckets: $buckets, by: SEVERITY) { start key count }\n    }\n  ": types.ExploreDocument,
    "\n  query Overview($counted: LogFilter, $buckets: Int) {\n    histogram(filter: $counted, buckets: $buckets, by: SEVERITY) { start key count }\n  }\n": types.OverviewDocument,
    "\n    query Lines($filter: LogFilter, $first: Int, $after: String, $last: Int, $before: String, $orderBy: LogOrder) {\n      logs(filter: $filter, first: $first, after: $after, last: $last, before: $before, orderBy: $orderBy) { ...LinePage }\n    }\n  ": types.LinesDocument,
    "\n  query Top($filter: LogFilter, $field: String!, $first: Int) {\n    top(filter: $filter, field: $field, first: $first) { value count }\n  }\n": types.TopDocument,
    "\n    subscription Tail($filter: LogFilter, $after: String, $last: Int) {\n      tail(filter: $filter, after: $after, last: $last) { logs { ...Line } cursor caughtUp lostBefore }\n    }\n  ": types.TailDocument,
    "query Record($id: ID!) { log(id: $id) { ...Line } }": types.RecordDocument,
    "\n    query Context($id: ID!, $side: Int, $of: ContextOf) {\n      log(id: $id) { id context(before: $side, after: $side, of: $of) { ...Line } }\n    }\n  ": types.ContextDocument,
    "\n  fragment Exported on Export { id state problem records bytes skipped progress }\n": types.ExportedFragmentDoc,
    "\n    mutation CreateExport($filter: LogFilter, $format: ExportFormat!, $skipDamaged: Boolean) {\n      createExport(filter: $filter, format: $format, skipDamaged: $skipDamaged) { ...Exported url }\n    }\n  ": types.CreateExportDocument,
    "query ExportProgress($id: ID!) { export(id: $id) { ...Exported } }": types.ExportProgressDocument,
    "mutation CancelExport($id: ID!) { cancelExport(id: $id) { ...Exported } }": types.CancelExportDocument,
    "\n  query SavedSearches {\n    savedSearches { id name filter shared owner { id displayName } }\n  }\n": types.SavedSearchesDocument,
    "\n  mutation SaveSearch($name: String!, $filter: LogFilter!, $shared: Boolean) {\n    saveSearch(name: $name, filter: $filter, shared: $shared) { id }\n  }\n": types.SaveSearchDocument,
    "mutation RemoveSearch($id: ID!) { removeSearch(id: $id) { id } }": types.RemoveSearchDocument,
    "\n  query FindSources($filter: SourceFilter) {\n    sources(filter: $filter, first: 500) { edges { node { id host app } } }\n  }\n": types.FindSourcesDocument,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 *
 *
 * @example
 * ```ts
 * const query = graphql(`query GetUser($id: ID!) { user(id: $id) { name } }`);
 * ```
 *
 * The query argument is unknown!
 * Please regenerate the types.
 */
export function graphql(source: string): unknown;

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment Line on Log {\n    id timestamp receivedAt severity facility host app procId msgId message attributes\n    source { id address }\n  }\n"): (typeof documents)["\n  fragment Line on Log {\n    id timestamp receivedAt severity facility host app procId msgId message attributes\n    source { id address }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment LinePage on LogConnection {\n    edges { node { ...Line } }\n    pageInfo { hasPreviousPage hasNextPage startCursor endCursor }\n  }\n"): (typeof documents)["\n  fragment LinePage on LogConnection {\n    edges { node { ...Line } }\n    pageInfo { hasPreviousPage hasNextPage startCursor endCursor }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n    query Explore($filter: LogFilter, $counted: LogFilter, $buckets: Int, $first: Int, $last: Int, $orderBy: LogOrder) {\n      logs(filter: $filter, first: $first, last: $last, orderBy: $orderBy) { ...LinePage }\n      histogram(filter: $counted, buckets: $buckets, by: SEVERITY) { start key count }\n    }\n  "): (typeof documents)["\n    query Explore($filter: LogFilter, $counted: LogFilter, $buckets: Int, $first: Int, $last: Int, $orderBy: LogOrder) {\n      logs(filter: $filter, first: $first, last: $last, orderBy: $orderBy) { ...LinePage }\n      histogram(filter: $counted, buckets: $buckets, by: SEVERITY) { start key count }\n    }\n  "];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Overview($counted: LogFilter, $buckets: Int) {\n    histogram(filter: $counted, buckets: $buckets, by: SEVERITY) { start key count }\n  }\n"): (typeof documents)["\n  query Overview($counted: LogFilter, $buckets: Int) {\n    histogram(filter: $counted, buckets: $buckets, by: SEVERITY) { start key count }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n    query Lines($filter: LogFilter, $first: Int, $after: String, $last: Int, $before: String, $orderBy: LogOrder) {\n      logs(filter: $filter, first: $first, after: $after, last: $last, before: $before, orderBy: $orderBy) { ...LinePage }\n    }\n  "): (typeof documents)["\n    query Lines($filter: LogFilter, $first: Int, $after: String, $last: Int, $before: String, $orderBy: LogOrder) {\n      logs(filter: $filter, first: $first, after: $after, last: $last, before: $before, orderBy: $orderBy) { ...LinePage }\n    }\n  "];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Top($filter: LogFilter, $field: String!, $first: Int) {\n    top(filter: $filter, field: $field, first: $first) { value count }\n  }\n"): (typeof documents)["\n  query Top($filter: LogFilter, $field: String!, $first: Int) {\n    top(filter: $filter, field: $field, first: $first) { value count }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n    subscription Tail($filter: LogFilter, $after: String, $last: Int) {\n      tail(filter: $filter, after: $after, last: $last) { logs { ...Line } cursor caughtUp lostBefore }\n    }\n  "): (typeof documents)["\n    subscription Tail($filter: LogFilter, $after: String, $last: Int) {\n      tail(filter: $filter, after: $after, last: $last) { logs { ...Line } cursor caughtUp lostBefore }\n    }\n  "];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query Record($id: ID!) { log(id: $id) { ...Line } }"): (typeof documents)["query Record($id: ID!) { log(id: $id) { ...Line } }"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n    query Context($id: ID!, $side: Int, $of: ContextOf) {\n      log(id: $id) { id context(before: $side, after: $side, of: $of) { ...Line } }\n    }\n  "): (typeof documents)["\n    query Context($id: ID!, $side: Int, $of: ContextOf) {\n      log(id: $id) { id context(before: $side, after: $side, of: $of) { ...Line } }\n    }\n  "];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment Exported on Export { id state problem records bytes skipped progress }\n"): (typeof documents)["\n  fragment Exported on Export { id state problem records bytes skipped progress }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n    mutation CreateExport($filter: LogFilter, $format: ExportFormat!, $skipDamaged: Boolean) {\n      createExport(filter: $filter, format: $format, skipDamaged: $skipDamaged) { ...Exported url }\n    }\n  "): (typeof documents)["\n    mutation CreateExport($filter: LogFilter, $format: ExportFormat!, $skipDamaged: Boolean) {\n      createExport(filter: $filter, format: $format, skipDamaged: $skipDamaged) { ...Exported url }\n    }\n  "];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query ExportProgress($id: ID!) { export(id: $id) { ...Exported } }"): (typeof documents)["query ExportProgress($id: ID!) { export(id: $id) { ...Exported } }"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "mutation CancelExport($id: ID!) { cancelExport(id: $id) { ...Exported } }"): (typeof documents)["mutation CancelExport($id: ID!) { cancelExport(id: $id) { ...Exported } }"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query SavedSearches {\n    savedSearches { id name filter shared owner { id displayName } }\n  }\n"): (typeof documents)["\n  query SavedSearches {\n    savedSearches { id name filter shared owner { id displayName } }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation SaveSearch($name: String!, $filter: LogFilter!, $shared: Boolean) {\n    saveSearch(name: $name, filter: $filter, shared: $shared) { id }\n  }\n"): (typeof documents)["\n  mutation SaveSearch($name: String!, $filter: LogFilter!, $shared: Boolean) {\n    saveSearch(name: $name, filter: $filter, shared: $shared) { id }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "mutation RemoveSearch($id: ID!) { removeSearch(id: $id) { id } }"): (typeof documents)["mutation RemoveSearch($id: ID!) { removeSearch(id: $id) { id } }"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query FindSources($filter: SourceFilter) {\n    sources(filter: $filter, first: 500) { edges { node { id host app } } }\n  }\n"): (typeof documents)["\n  query FindSources($filter: SourceFilter) {\n    sources(filter: $filter, first: 500) { edges { node { id host app } } }\n  }\n"];

export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}

export type DocumentType<TDocumentNode extends DocumentNode<any, any>> = TDocumentNode extends DocumentNode<  infer TType,  any>  ? TType  : never;