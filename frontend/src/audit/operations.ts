import { graphql } from "../graphql/graphql.ts";

export const AUDIT = graphql(`
  query Audit($after: String) {
    audit(first: 100, after: $after) {
      edges { node { id at actor action target address outcome } }
      pageInfo { hasNextPage endCursor }
    }
  }
`);
