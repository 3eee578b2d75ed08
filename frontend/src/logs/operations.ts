import { graphql } from "../graphql/graphql.ts";

export const NEWEST = graphql(`
  query Newest($filter: LogFilter) {
    logs(filter: $filter, first: 100) {
      edges { node { id timestamp severity host app message } }
    }
  }
`);
