/** Example operations for the main tasks. A test holds every one against schema.graphql. */
import type { Role } from "../session/operations.ts";

export interface Example {
  readonly group: string;
  readonly title: string;
  /** One line about it. */
  readonly text: string;
  /** The least role that may run it. */
  readonly role: Role;
  readonly query: string;
  /** JSON. */
  readonly variables: string;
}

const READ: readonly Omit<Example, "group" | "role">[] = [
  {
    title: "Search",
    text: "The newest records that match the search language",
    query: `# Ctrl-Enter runs it. The search language:
# words "a phrase" -not OR ( ) /regex/
# host:web-1 app:ngin* severity>=warning
# attributes.user.id:42
query Search($filter: LogFilter, $first: Int, $after: String) {
  logs(filter: $filter, first: $first, after: $after) {
    edges {
      node { id timestamp severity host app message }
    }
    pageInfo { hasNextPage endCursor }
  }
}
`,
    variables: `{
  "filter": { "query": "" },
  "first": 20
}`,
  },
  {
    title: "Follow",
    text: "The log as it grows, beginning with the newest records",
    query: `# Each answer is what has just arrived. Its cursor,
# given as \`after\`, resumes just there.
subscription Follow($filter: LogFilter, $last: Int) {
  tail(filter: $filter, last: $last) {
    logs { id timestamp severity host app message }
    cursor
    caughtUp
    lostBefore
  }
}
`,
    variables: `{
  "filter": { "query": "" },
  "last": 10
}`,
  },
  {
    title: "Count over time",
    text: "A histogram of matching records, by severity",
    query: `query Histogram($filter: LogFilter, $buckets: Int, $by: HistogramField) {
  histogram(filter: $filter, buckets: $buckets, by: $by) {
    start
    key
    count
  }
}
`,
    variables: `{
  "filter": { "minSeverity": "WARNING" },
  "buckets": 24,
  "by": "SEVERITY"
}`,
  },
  {
    title: "Commonest values",
    text: "The top values of a field",
    query: `# Any field of the search language: host, app,
# severity, attributes.user.id, …
query Top($filter: LogFilter, $field: String!) {
  top(filter: $filter, field: $field, first: 10) {
    value
    count
  }
}
`,
    variables: `{
  "field": "host"
}`,
  },
  {
    title: "One record and its neighbours",
    text: "What the same source said before and after",
    query: `query Around($id: ID!) {
  log(id: $id) {
    id
    message
    attributes
    context(before: 5, after: 5) { id timestamp message }
  }
}
`,
    variables: `{
  "id": "1"
}`,
  },
  {
    title: "Sources",
    text: "Who sends, and who was heard of last",
    query: `query Sources {
  sources(first: 50, orderBy: LAST_SEEN) {
    edges {
      node { id host app address lastSeen count rate }
    }
  }
}
`,
    variables: "",
  },
  {
    title: "Pipeline",
    text: "Received, stored, rejected, dropped: numbers that balance",
    query: `query Pipeline {
  pipeline {
    received
    stored
    rejected { reason count }
    dropped { reason count }
    inFlight
    head
    lag
    nodes { name roles state received stored writer }
  }
}
`,
    variables: "",
  },
];

const OWN: readonly Omit<Example, "group" | "role">[] = [
  {
    title: "Who am I",
    text: "Your user, and where you are signed in",
    query: `query Me {
  me { username displayName role scope lastSignIn }
  sessions { id createdAt lastUsedAt address userAgent current }
}
`,
    variables: "",
  },
  {
    title: "Saved searches",
    text: "Your own and the shared ones; use one by its id as a filter's savedSearch",
    query: `query SavedSearches {
  savedSearches { id name filter shared owner { username } }
}
`,
    variables: "",
  },
];

const KEEP: readonly Omit<Example, "group" | "role">[] = [
  {
    title: "Save a search",
    text: "Keep a filter under a name",
    query: `mutation SaveSearch($name: String!, $filter: LogFilter!, $shared: Boolean) {
  saveSearch(name: $name, filter: $filter, shared: $shared) { id name filter shared }
}
`,
    variables: `{
  "name": "Errors",
  "filter": { "query": "severity>=error" },
  "shared": false
}`,
  },
  {
    title: "Make an API token",
    text: "For a program; it is shown once",
    query: `mutation CreateToken($name: String!, $scope: TokenScope!, $expiresAt: DateTime) {
  createToken(name: $name, scope: $scope, expiresAt: $expiresAt) {
    token
    apiToken { id prefix expiresAt }
  }
}
`,
    variables: `{
  "name": "my script",
  "scope": "READ"
}`,
  },
  {
    title: "API tokens",
    text: "Those you have, and when they were last used",
    query: `query Tokens {
  tokens { id name prefix scope createdAt expiresAt lastUsedAt }
}
`,
    variables: "",
  },
];

const MANAGE: readonly Omit<Example, "group" | "role">[] = [
  {
    title: "Users",
    text: "Everybody who may sign in",
    query: `query Users {
  users(first: 100) {
    edges {
      node { id username displayName role disabled scope lastSignIn }
    }
  }
}
`,
    variables: "",
  },
  {
    title: "Add a user",
    text: "With a role and, if wanted, a scope of records",
    query: `mutation CreateUser($input: NewUser!) {
  createUser(input: $input) { id username role }
}
`,
    variables: `{
  "input": {
    "username": "ada",
    "password": "",
    "role": "VIEWER",
    "scope": null
  }
}`,
  },
  {
    title: "Change a user",
    text: "Role, scope, or shut out",
    query: `mutation ChangeUser($id: ID!, $input: UserChange!) {
  changeUser(id: $id, input: $input) { id username role disabled }
}
`,
    variables: `{
  "id": "",
  "input": { "role": "MEMBER", "disabled": false }
}`,
  },
  {
    title: "Everybody's tokens",
    text: "All API tokens, with their owners",
    query: `query AllTokens {
  tokens(all: true) { id name prefix scope lastUsedAt owner { username } }
}
`,
    variables: "",
  },
  {
    title: "Audit log",
    text: "Who did what, when and from where",
    query: `query Audit {
  audit(first: 50) {
    edges {
      node { at actor action target address outcome }
    }
  }
}
`,
    variables: "",
  },
];

function group(name: string, role: Role, examples: typeof READ): Example[] {
  return examples.map((example) => ({ group: name, role, ...example }));
}

export const EXAMPLES: readonly Example[] = [
  ...group("The log", "VIEWER", READ),
  ...group("You", "VIEWER", OWN),
  ...group("Keep", "MEMBER", KEEP),
  ...group("Manage", "ADMIN", MANAGE),
];

/** Each role may what the ones before it may. */
const ROLES: readonly Role[] = ["VIEWER", "MEMBER", "ADMIN"];

/** The examples that a role may run. */
export function examplesFor(role: Role): readonly Example[] {
  const may = (example: Example) => ROLES.indexOf(example.role) <= ROLES.indexOf(role);
  return EXAMPLES.filter(may);
}
