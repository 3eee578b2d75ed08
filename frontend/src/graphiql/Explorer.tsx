/** GraphiQL itself: the editors, the documentation of the schema, and the examples. */
import { useMemo, useState, type ReactNode } from "react";
import { DOC_EXPLORER_PLUGIN } from "@graphiql/plugin-doc-explorer";
import { HISTORY_PLUGIN } from "@graphiql/plugin-history";
import { GraphiQL } from "graphiql";
// The parts of `graphiql/style.css` without its fonts, which weigh more than the rest, and Monaco's second copy.
import "@graphiql/react/style.css";
import "@graphiql/plugin-doc-explorer/style.css";
import "@graphiql/plugin-history/style.css";
import "graphiql/graphiql.css";

import { examplesFor } from "./examples.ts";
import { examplesPlugin } from "./ExamplesPlugin.tsx";
import { takeHanded } from "./handed.ts";
import { storageOf } from "./storage.ts";
import { useFetcher } from "./useFetcher.ts";
import type { User } from "../session/operations.ts";
import type { Session } from "../session/session.ts";
import { useTheme } from "../ui/theme.ts";
import "./workers.ts";

/** Taken when the page begins: whoever has to sign in first finds it then. */
const handed = takeHanded();

/** Where there is room for the documentation beside the editors, and for variables below. */
const WIDE = "(min-width: 60rem)";

interface ExplorerProps {
  readonly session: Session;
  readonly user: User;
}

export default function Explorer({ session, user }: ExplorerProps): ReactNode {
  const fetcher = useFetcher(session);
  const [theme] = useTheme();
  const storage = useMemo(() => storageOf(user.id), [user.id]);
  const [isNew] = useState(() => storage.length === 0);
  const [wide] = useState(() => window.matchMedia(WIDE).matches);
  const examples = useMemo(() => examplesFor(user.role), [user.role]);
  const plugins = useMemo(() => [examplesPlugin(examples), HISTORY_PLUGIN], [examples]);
  const tabs = useMemo(() => {
    const first = examples.slice(0, 2).map(({ query, variables }) => ({ query, variables }));
    return handed === undefined ? first : [handed, ...first];
  }, [examples]);
  if (fetcher === undefined) return null;
  return (
    <GraphiQL
      fetcher={fetcher}
      plugins={plugins}
      // GraphiQL takes the query of the first tab by itself, but not its variables.
      {...(handed !== undefined && { initialQuery: handed.query, initialVariables: handed.variables })}
      {...(isNew && handed === undefined && { initialVariables: tabs[0]?.variables ?? "" })}
      {...(wide && { visiblePlugin: DOC_EXPLORER_PLUGIN })}
      defaultTabs={tabs}
      defaultEditorToolsVisibility={wide ? "variables" : false}
      storage={storage}
      defaultTheme={theme === "system" ? null : theme}
      isHeadersEditorEnabled={false}
      showPersistHeadersSettings={false}
      inputValueDeprecation
    >
      <GraphiQL.Logo><></></GraphiQL.Logo>
    </GraphiQL>
  );
}
