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
    "\n  query Newest($filter: LogFilter) {\n    logs(filter: $filter, first: 100) {\n      edges { node { id timestamp severity host app message } }\n    }\n  }\n": typeof types.NewestDocument,
    "\n  query Pipeline {\n    pipeline {\n      received stored rejected { reason count } dropped { reason count } inFlight unknown\n      queueDepth { frames bytes } head lag\n      nodes {\n        id name roles state startedAt heardAt received stored rejected { reason count } dropped { reason count }\n        inFlight unknown writer committed repeated head connections\n      }\n      storage {\n        records rows blocks blockRecords unsealed bytes bytesPerRecord diskBytes oldest retentionAge retentionSize\n      }\n    }\n  }\n": typeof types.PipelineDocument,
    "\n  query Sources($text: String, $first: Int!, $order: SourceOrder!, $from: DateTime!, $to: DateTime!, $by: HistogramField!) {\n    sources(filter: { text: $text }, first: $first, orderBy: $order) {\n      edges { node { id host app address firstSeen lastSeen count rate } }\n      pageInfo { hasNextPage }\n    }\n    histogram(filter: { from: $from, to: $to }, buckets: 60, by: $by) { start key count }\n  }\n": typeof types.SourcesDocument,
};
const documents: Documents = {
    "\n  query Newest($filter: LogFilter) {\n    logs(filter: $filter, first: 100) {\n      edges { node { id timestamp severity host app message } }\n    }\n  }\n": types.NewestDocument,
    "\n  query Pipeline {\n    pipeline {\n      received stored rejected { reason count } dropped { reason count } inFlight unknown\n      queueDepth { frames bytes } head lag\n      nodes {\n        id name roles state startedAt heardAt received stored rejected { reason count } dropped { reason count }\n        inFlight unknown writer committed repeated head connections\n      }\n      storage {\n        records rows blocks blockRecords unsealed bytes bytesPerRecord diskBytes oldest retentionAge retentionSize\n      }\n    }\n  }\n": types.PipelineDocument,
    "\n  query Sources($text: String, $first: Int!, $order: SourceOrder!, $from: DateTime!, $to: DateTime!, $by: HistogramField!) {\n    sources(filter: { text: $text }, first: $first, orderBy: $order) {\n      edges { node { id host app address firstSeen lastSeen count rate } }\n      pageInfo { hasNextPage }\n    }\n    histogram(filter: { from: $from, to: $to }, buckets: 60, by: $by) { start key count }\n  }\n": types.SourcesDocument,
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
export function graphql(source: "\n  query Newest($filter: LogFilter) {\n    logs(filter: $filter, first: 100) {\n      edges { node { id timestamp severity host app message } }\n    }\n  }\n"): (typeof documents)["\n  query Newest($filter: LogFilter) {\n    logs(filter: $filter, first: 100) {\n      edges { node { id timestamp severity host app message } }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Pipeline {\n    pipeline {\n      received stored rejected { reason count } dropped { reason count } inFlight unknown\n      queueDepth { frames bytes } head lag\n      nodes {\n        id name roles state startedAt heardAt received stored rejected { reason count } dropped { reason count }\n        inFlight unknown writer committed repeated head connections\n      }\n      storage {\n        records rows blocks blockRecords unsealed bytes bytesPerRecord diskBytes oldest retentionAge retentionSize\n      }\n    }\n  }\n"): (typeof documents)["\n  query Pipeline {\n    pipeline {\n      received stored rejected { reason count } dropped { reason count } inFlight unknown\n      queueDepth { frames bytes } head lag\n      nodes {\n        id name roles state startedAt heardAt received stored rejected { reason count } dropped { reason count }\n        inFlight unknown writer committed repeated head connections\n      }\n      storage {\n        records rows blocks blockRecords unsealed bytes bytesPerRecord diskBytes oldest retentionAge retentionSize\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Sources($text: String, $first: Int!, $order: SourceOrder!, $from: DateTime!, $to: DateTime!, $by: HistogramField!) {\n    sources(filter: { text: $text }, first: $first, orderBy: $order) {\n      edges { node { id host app address firstSeen lastSeen count rate } }\n      pageInfo { hasNextPage }\n    }\n    histogram(filter: { from: $from, to: $to }, buckets: 60, by: $by) { start key count }\n  }\n"): (typeof documents)["\n  query Sources($text: String, $first: Int!, $order: SourceOrder!, $from: DateTime!, $to: DateTime!, $by: HistogramField!) {\n    sources(filter: { text: $text }, first: $first, orderBy: $order) {\n      edges { node { id host app address firstSeen lastSeen count rate } }\n      pageInfo { hasNextPage }\n    }\n    histogram(filter: { from: $from, to: $to }, buckets: 60, by: $by) { start key count }\n  }\n"];

export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}

export type DocumentType<TDocumentNode extends DocumentNode<any, any>> = TDocumentNode extends DocumentNode<  infer TType,  any>  ? TType  : never;