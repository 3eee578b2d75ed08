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
    "\n  query Me { me { id username displayName email role scope createdAt lastSignIn } }\n": typeof types.MeDocument,
    "\n  mutation ChangeProfile($displayName: String, $email: String) {\n    changeProfile(displayName: $displayName, email: $email) { id }\n  }\n": typeof types.ChangeProfileDocument,
    "\n  mutation ChangePassword($current: String!, $new: String!) { changePassword(current: $current, new: $new) }\n": typeof types.ChangePasswordDocument,
    "\n  query Audit($after: String) {\n    audit(first: 100, after: $after) {\n      edges { node { id at actor action target address outcome } }\n      pageInfo { hasNextPage endCursor }\n    }\n  }\n": typeof types.AuditDocument,
    "\n  fragment Line on Log {\n    id timestamp receivedAt severity facility host app procId msgId message attributes\n    source { id address }\n  }\n": typeof types.LineFragmentDoc,
    "\n  fragment LinePage on LogConnection {\n    edges { node { ...Line } }\n    pageInfo { hasPreviousPage hasNextPage startCursor endCursor }\n  }\n": typeof types.LinePageFragmentDoc,
    "\n    query Explore($filter: LogFilter, $counted: LogFilter, $buckets: Int, $first: Int, $last: Int, $orderBy: LogOrder) {\n      logs(filter: $filter, first: $first, last: $last, orderBy: $orderBy) { ...LinePage }\n      histogram(filter: $counted, buckets: $buckets, by: SEVERITY) { start key count }\n    }\n  ": typeof types.ExploreDocument,
    "\n  query Overview($counted: LogFilter, $buckets: Int) {\n    histogram(filter: $counted, buckets: $buckets, by: SEVERITY) { start key count }\n  }\n": typeof types.OverviewDocument,
    "query AnyRecord { logs(first: 1) { edges { cursor } } }": typeof types.AnyRecordDocument,
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
    "\n  query Pipeline {\n    pipeline {\n      received stored rejected { reason count } dropped { reason count } inFlight unknown\n      queueDepth { frames bytes } head lag\n      nodes {\n        id name roles state startedAt heardAt received stored rejected { reason count } dropped { reason count }\n        inFlight unknown writer committed repeated head connections\n      }\n      storage {\n        records rows blocks blockRecords unsealed bytes bytesPerRecord diskBytes oldest retentionAge retentionSize\n      }\n    }\n  }\n": typeof types.PipelineDocument,
    "\n  query Sessions { sessions { id createdAt lastUsedAt expiresAt address userAgent current } }\n": typeof types.SessionsDocument,
    "\n  mutation EndSession($id: ID!) { endSession(id: $id) }\n": typeof types.EndSessionDocument,
    "\n  mutation EndSessions($keepThis: Boolean!) { endSessions(keepThis: $keepThis) }\n": typeof types.EndSessionsDocument,
    "\n  query Sources($text: String, $first: Int!, $order: SourceOrder!, $from: DateTime!, $to: DateTime!, $by: HistogramField!) {\n    sources(filter: { text: $text }, first: $first, orderBy: $order) {\n      edges { node { id host app address firstSeen lastSeen count rate } }\n      pageInfo { hasNextPage }\n    }\n    histogram(filter: { from: $from, to: $to }, buckets: 60, by: $by) { start key count }\n  }\n": typeof types.SourcesDocument,
    "\n  query Tokens($all: Boolean) {\n    tokens(all: $all) { id name prefix scope owner { id username } createdAt expiresAt lastUsedAt }\n  }\n": typeof types.TokensDocument,
    "\n  mutation CreateToken($name: String!, $scope: TokenScope!, $expiresAt: DateTime) {\n    createToken(name: $name, scope: $scope, expiresAt: $expiresAt) { token apiToken { id name scope } }\n  }\n": typeof types.CreateTokenDocument,
    "\n  mutation RevokeToken($id: ID!) { revokeToken(id: $id) { id } }\n": typeof types.RevokeTokenDocument,
    "\n  query Users {\n    users(first: 1000) {\n      edges { node { id username displayName email role disabled scope createdAt lastSignIn } }\n      pageInfo { hasNextPage }\n    }\n  }\n": typeof types.UsersDocument,
    "\n  mutation CreateUser($input: NewUser!) { createUser(input: $input) { id } }\n": typeof types.CreateUserDocument,
    "\n  mutation ChangeUser($id: ID!, $input: UserChange!) { changeUser(id: $id, input: $input) { id } }\n": typeof types.ChangeUserDocument,
    "\n  mutation SetPassword($id: ID!, $password: String!) { setPassword(id: $id, password: $password) }\n": typeof types.SetPasswordDocument,
    "\n  mutation EndSessionsOf($user: ID!) { endSessionsOf(user: $user) }\n": typeof types.EndSessionsOfDocument,
    "\n  mutation RemoveUser($id: ID!) { removeUser(id: $id) { id } }\n": typeof types.RemoveUserDocument,
};
const documents: Documents = {
    "\n  query Me { me { id username displayName email role scope createdAt lastSignIn } }\n": types.MeDocument,
    "\n  mutation ChangeProfile($displayName: String, $email: String) {\n    changeProfile(displayName: $displayName, email: $email) { id }\n  }\n": types.ChangeProfileDocument,
    "\n  mutation ChangePassword($current: String!, $new: String!) { changePassword(current: $current, new: $new) }\n": types.ChangePasswordDocument,
    "\n  query Audit($after: String) {\n    audit(first: 100, after: $after) {\n      edges { node { id at actor action target address outcome } }\n      pageInfo { hasNextPage endCursor }\n    }\n  }\n": types.AuditDocument,
    "\n  fragment Line on Log {\n    id timestamp receivedAt severity facility host app procId msgId message attributes\n    source { id address }\n  }\n": types.LineFragmentDoc,
    "\n  fragment LinePage on LogConnection {\n    edges { node { ...Line } }\n    pageInfo { hasPreviousPage hasNextPage startCursor endCursor }\n  }\n": types.LinePageFragmentDoc,
    "\n    query Explore($filter: LogFilter, $counted: LogFilter, $buckets: Int, $first: Int, $last: Int, $orderBy: LogOrder) {\n      logs(filter: $filter, first: $first, last: $last, orderBy: $orderBy) { ...LinePage }\n      histogram(filter: $counted, buckets: $buckets, by: SEVERITY) { start key count }\n    }\n  ": types.ExploreDocument,
    "\n  query Overview($counted: LogFilter, $buckets: Int) {\n    histogram(filter: $counted, buckets: $buckets, by: SEVERITY) { start key count }\n  }\n": types.OverviewDocument,
    "query AnyRecord { logs(first: 1) { edges { cursor } } }": types.AnyRecordDocument,
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
    "\n  query Pipeline {\n    pipeline {\n      received stored rejected { reason count } dropped { reason count } inFlight unknown\n      queueDepth { frames bytes } head lag\n      nodes {\n        id name roles state startedAt heardAt received stored rejected { reason count } dropped { reason count }\n        inFlight unknown writer committed repeated head connections\n      }\n      storage {\n        records rows blocks blockRecords unsealed bytes bytesPerRecord diskBytes oldest retentionAge retentionSize\n      }\n    }\n  }\n": types.PipelineDocument,
    "\n  query Sessions { sessions { id createdAt lastUsedAt expiresAt address userAgent current } }\n": types.SessionsDocument,
    "\n  mutation EndSession($id: ID!) { endSession(id: $id) }\n": types.EndSessionDocument,
    "\n  mutation EndSessions($keepThis: Boolean!) { endSessions(keepThis: $keepThis) }\n": types.EndSessionsDocument,
    "\n  query Sources($text: String, $first: Int!, $order: SourceOrder!, $from: DateTime!, $to: DateTime!, $by: HistogramField!) {\n    sources(filter: { text: $text }, first: $first, orderBy: $order) {\n      edges { node { id host app address firstSeen lastSeen count rate } }\n      pageInfo { hasNextPage }\n    }\n    histogram(filter: { from: $from, to: $to }, buckets: 60, by: $by) { start key count }\n  }\n": types.SourcesDocument,
    "\n  query Tokens($all: Boolean) {\n    tokens(all: $all) { id name prefix scope owner { id username } createdAt expiresAt lastUsedAt }\n  }\n": types.TokensDocument,
    "\n  mutation CreateToken($name: String!, $scope: TokenScope!, $expiresAt: DateTime) {\n    createToken(name: $name, scope: $scope, expiresAt: $expiresAt) { token apiToken { id name scope } }\n  }\n": types.CreateTokenDocument,
    "\n  mutation RevokeToken($id: ID!) { revokeToken(id: $id) { id } }\n": types.RevokeTokenDocument,
    "\n  query Users {\n    users(first: 1000) {\n      edges { node { id username displayName email role disabled scope createdAt lastSignIn } }\n      pageInfo { hasNextPage }\n    }\n  }\n": types.UsersDocument,
    "\n  mutation CreateUser($input: NewUser!) { createUser(input: $input) { id } }\n": types.CreateUserDocument,
    "\n  mutation ChangeUser($id: ID!, $input: UserChange!) { changeUser(id: $id, input: $input) { id } }\n": types.ChangeUserDocument,
    "\n  mutation SetPassword($id: ID!, $password: String!) { setPassword(id: $id, password: $password) }\n": types.SetPasswordDocument,
    "\n  mutation EndSessionsOf($user: ID!) { endSessionsOf(user: $user) }\n": types.EndSessionsOfDocument,
    "\n  mutation RemoveUser($id: ID!) { removeUser(id: $id) { id } }\n": types.RemoveUserDocument,
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
export function graphql(source: "\n  query Me { me { id username displayName email role scope createdAt lastSignIn } }\n"): (typeof documents)["\n  query Me { me { id username displayName email role scope createdAt lastSignIn } }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation ChangeProfile($displayName: String, $email: String) {\n    changeProfile(displayName: $displayName, email: $email) { id }\n  }\n"): (typeof documents)["\n  mutation ChangeProfile($displayName: String, $email: String) {\n    changeProfile(displayName: $displayName, email: $email) { id }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation ChangePassword($current: String!, $new: String!) { changePassword(current: $current, new: $new) }\n"): (typeof documents)["\n  mutation ChangePassword($current: String!, $new: String!) { changePassword(current: $current, new: $new) }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Audit($after: String) {\n    audit(first: 100, after: $after) {\n      edges { node { id at actor action target address outcome } }\n      pageInfo { hasNextPage endCursor }\n    }\n  }\n"): (typeof documents)["\n  query Audit($after: String) {\n    audit(first: 100, after: $after) {\n      edges { node { id at actor action target address outcome } }\n      pageInfo { hasNextPage endCursor }\n    }\n  }\n"];
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
export function graphql(source: "query AnyRecord { logs(first: 1) { edges { cursor } } }"): (typeof documents)["query AnyRecord { logs(first: 1) { edges { cursor } } }"];
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
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Pipeline {\n    pipeline {\n      received stored rejected { reason count } dropped { reason count } inFlight unknown\n      queueDepth { frames bytes } head lag\n      nodes {\n        id name roles state startedAt heardAt received stored rejected { reason count } dropped { reason count }\n        inFlight unknown writer committed repeated head connections\n      }\n      storage {\n        records rows blocks blockRecords unsealed bytes bytesPerRecord diskBytes oldest retentionAge retentionSize\n      }\n    }\n  }\n"): (typeof documents)["\n  query Pipeline {\n    pipeline {\n      received stored rejected { reason count } dropped { reason count } inFlight unknown\n      queueDepth { frames bytes } head lag\n      nodes {\n        id name roles state startedAt heardAt received stored rejected { reason count } dropped { reason count }\n        inFlight unknown writer committed repeated head connections\n      }\n      storage {\n        records rows blocks blockRecords unsealed bytes bytesPerRecord diskBytes oldest retentionAge retentionSize\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Sessions { sessions { id createdAt lastUsedAt expiresAt address userAgent current } }\n"): (typeof documents)["\n  query Sessions { sessions { id createdAt lastUsedAt expiresAt address userAgent current } }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation EndSession($id: ID!) { endSession(id: $id) }\n"): (typeof documents)["\n  mutation EndSession($id: ID!) { endSession(id: $id) }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation EndSessions($keepThis: Boolean!) { endSessions(keepThis: $keepThis) }\n"): (typeof documents)["\n  mutation EndSessions($keepThis: Boolean!) { endSessions(keepThis: $keepThis) }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Sources($text: String, $first: Int!, $order: SourceOrder!, $from: DateTime!, $to: DateTime!, $by: HistogramField!) {\n    sources(filter: { text: $text }, first: $first, orderBy: $order) {\n      edges { node { id host app address firstSeen lastSeen count rate } }\n      pageInfo { hasNextPage }\n    }\n    histogram(filter: { from: $from, to: $to }, buckets: 60, by: $by) { start key count }\n  }\n"): (typeof documents)["\n  query Sources($text: String, $first: Int!, $order: SourceOrder!, $from: DateTime!, $to: DateTime!, $by: HistogramField!) {\n    sources(filter: { text: $text }, first: $first, orderBy: $order) {\n      edges { node { id host app address firstSeen lastSeen count rate } }\n      pageInfo { hasNextPage }\n    }\n    histogram(filter: { from: $from, to: $to }, buckets: 60, by: $by) { start key count }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Tokens($all: Boolean) {\n    tokens(all: $all) { id name prefix scope owner { id username } createdAt expiresAt lastUsedAt }\n  }\n"): (typeof documents)["\n  query Tokens($all: Boolean) {\n    tokens(all: $all) { id name prefix scope owner { id username } createdAt expiresAt lastUsedAt }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CreateToken($name: String!, $scope: TokenScope!, $expiresAt: DateTime) {\n    createToken(name: $name, scope: $scope, expiresAt: $expiresAt) { token apiToken { id name scope } }\n  }\n"): (typeof documents)["\n  mutation CreateToken($name: String!, $scope: TokenScope!, $expiresAt: DateTime) {\n    createToken(name: $name, scope: $scope, expiresAt: $expiresAt) { token apiToken { id name scope } }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation RevokeToken($id: ID!) { revokeToken(id: $id) { id } }\n"): (typeof documents)["\n  mutation RevokeToken($id: ID!) { revokeToken(id: $id) { id } }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Users {\n    users(first: 1000) {\n      edges { node { id username displayName email role disabled scope createdAt lastSignIn } }\n      pageInfo { hasNextPage }\n    }\n  }\n"): (typeof documents)["\n  query Users {\n    users(first: 1000) {\n      edges { node { id username displayName email role disabled scope createdAt lastSignIn } }\n      pageInfo { hasNextPage }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CreateUser($input: NewUser!) { createUser(input: $input) { id } }\n"): (typeof documents)["\n  mutation CreateUser($input: NewUser!) { createUser(input: $input) { id } }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation ChangeUser($id: ID!, $input: UserChange!) { changeUser(id: $id, input: $input) { id } }\n"): (typeof documents)["\n  mutation ChangeUser($id: ID!, $input: UserChange!) { changeUser(id: $id, input: $input) { id } }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation SetPassword($id: ID!, $password: String!) { setPassword(id: $id, password: $password) }\n"): (typeof documents)["\n  mutation SetPassword($id: ID!, $password: String!) { setPassword(id: $id, password: $password) }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation EndSessionsOf($user: ID!) { endSessionsOf(user: $user) }\n"): (typeof documents)["\n  mutation EndSessionsOf($user: ID!) { endSessionsOf(user: $user) }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation RemoveUser($id: ID!) { removeUser(id: $id) { id } }\n"): (typeof documents)["\n  mutation RemoveUser($id: ID!) { removeUser(id: $id) { id } }\n"];

export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}

export type DocumentType<TDocumentNode extends DocumentNode<any, any>> = TDocumentNode extends DocumentNode<  infer TType,  any>  ? TType  : never;