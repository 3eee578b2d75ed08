import { graphql } from "../graphql/graphql.ts";

export const PIPELINE = graphql(`
  query Pipeline {
    pipeline {
      received stored rejected { reason count } dropped { reason count } inFlight unknown
      queueDepth { frames bytes } head lag
      nodes {
        id name roles state startedAt heardAt received stored rejected { reason count } dropped { reason count }
        inFlight unknown writer committed repeated head connections
      }
      storage {
        records rows blocks blockRecords unsealed bytes bytesPerRecord diskBytes oldest retentionAge retentionSize
      }
    }
  }
`);
