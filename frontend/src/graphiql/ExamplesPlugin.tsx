import type { ReactNode } from "react";
import { useGraphiQL, useGraphiQLActions, type GraphiQLPlugin } from "@graphiql/react";

import type { Example } from "./examples.ts";

/** A panel of GraphiQL that lists examples; each opens in a tab of its own. */
export function examplesPlugin(examples: readonly Example[]): GraphiQLPlugin {
  return { title: "Examples", icon: Icon, content: () => <Examples examples={examples} /> };
}

function Icon(): ReactNode {
  return (
    <svg viewBox="0 0 24 24" height="1em" fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round">
      <path d="M5 4.5h14v15H5zM8.5 9h7M8.5 12.5h7M8.5 16h4" />
    </svg>
  );
}

function Examples({ examples }: { readonly examples: readonly Example[] }): ReactNode {
  const { addTab } = useGraphiQLActions();
  const { queryEditor, variableEditor } = useGraphiQL(({ queryEditor, variableEditor }) => ({
    queryEditor,
    variableEditor,
  }));
  const open = ({ query, variables }: Example) => {
    addTab();
    queryEditor?.setValue(query);
    variableEditor?.setValue(variables);
    queryEditor?.focus();
  };
  const groups = [...new Set(examples.map(({ group }) => group))];
  return (
    <section className="examples" aria-label="Examples">
      <h2>Examples</h2>
      {groups.map((group) => (
        <section key={group}>
          <h3>{group}</h3>
          <ul>
            {examples
              .filter((example) => example.group === group)
              .map((example) => (
                <li key={example.title}>
                  <button type="button" onClick={() => open(example)}>
                    <strong>{example.title}</strong>
                    <span>{example.text}</span>
                  </button>
                </li>
              ))}
          </ul>
        </section>
      ))}
    </section>
  );
}
