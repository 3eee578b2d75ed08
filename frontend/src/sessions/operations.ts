import { graphql } from "../graphql/graphql.ts";

export const SESSIONS = graphql(`
  query Sessions { sessions { id createdAt lastUsedAt expiresAt address userAgent current } }
`);

export const END_SESSION = graphql(`
  mutation EndSession($id: ID!) { endSession(id: $id) }
`);

export const END_SESSIONS = graphql(`
  mutation EndSessions($keepThis: Boolean!) { endSessions(keepThis: $keepThis) }
`);
