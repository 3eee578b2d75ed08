import { graphql } from "../graphql/graphql.ts";

/** The sources and how much they sent, of a stretch of time: all that the page shows. */
export const SOURCES = graphql(`
  query Sources($text: String, $first: Int!, $order: SourceOrder!, $from: DateTime!, $to: DateTime!, $by: HistogramField!) {
    sources(filter: { text: $text }, first: $first, orderBy: $order) {
      edges { node { id host app address firstSeen lastSeen count rate } }
      pageInfo { hasNextPage }
    }
    histogram(filter: { from: $from, to: $to }, buckets: 60, by: $by) { start key count }
  }
`);
