/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';
/**
 * Which records. All conditions hold together; one that is not given says nothing.
 *
 * Scopes and saved searches are kept as the JSON of its fields that are given.
 */
export type LogFilter = {
  /**
   * The search language: words, "phrases", -not, AND, OR, NOT, ( ), field:value,
   * field:val*, severity>=warning, attributes.user.id:42, /regex/.
   */
  query?: string | null | undefined;
  /** From this time of the sender on. */
  from?: string | null | undefined;
  /** Before this time of the sender. */
  to?: string | null | undefined;
  /** This severity and every more severe one. */
  minSeverity?: Severity | null | undefined;
  /** One of these severities; an empty list holds for none. */
  severities?: Array<Severity> | null | undefined;
  /** One of these hosts, in any case; an empty list holds for none. */
  hosts?: Array<string> | null | undefined;
  /** One of these programs, in any case; an empty list holds for none. */
  apps?: Array<string> | null | undefined;
  /** This text is in the message, in any case. */
  text?: string | null | undefined;
  /** The conditions of this saved search, too: an own one, or one that is shared. */
  savedSearch?: string | null | undefined;
};

/** How severe a record is (RFC 5424), most severe first. */
export type Severity =
  | 'EMERGENCY'
  | 'ALERT'
  | 'CRITICAL'
  | 'ERROR'
  | 'WARNING'
  | 'NOTICE'
  | 'INFO'
  | 'DEBUG';

export type NewestQueryVariables = Exact<{
  filter?: LogFilter | null | undefined;
}>;


export type NewestQuery = { logs: { edges: Array<{ node: { id: string, timestamp: string, severity: Severity | null, host: string | null, app: string | null, message: string } }> } | null };


export const NewestDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Newest"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"filter"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"LogFilter"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"logs"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"filter"},"value":{"kind":"Variable","name":{"kind":"Name","value":"filter"}}},{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"100"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"edges"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"node"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"timestamp"}},{"kind":"Field","name":{"kind":"Name","value":"severity"}},{"kind":"Field","name":{"kind":"Name","value":"host"}},{"kind":"Field","name":{"kind":"Name","value":"app"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}}]}}]} as unknown as DocumentNode<NewestQuery, NewestQueryVariables>;