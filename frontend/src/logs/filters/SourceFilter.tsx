import { useDeferredValue, useState, type ReactNode } from "react";

import { useAnswer } from "../../graphql/hooks.ts";
import { Button } from "../../ui/Button.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { Popover } from "../../ui/Popover.tsx";
import { Problems } from "../../ui/Problems.tsx";
import { SOURCES } from "../documents.ts";
import { Text } from "../list/Text.tsx";
import { togglingValue } from "../view/change.ts";
import type { View } from "../view/view.ts";

interface SourceFilterProps {
  readonly view: View;
  readonly onChange: (next: View) => void;
}

/** Which hosts and programs are shown. */
export function SourceFilter(props: SourceFilterProps): ReactNode {
  const { hosts, apps } = props.view;
  const chosen = hosts.length + apps.length;
  return (
    <Popover
      label="Sources" className="filter-panel"
      trigger={
        <Button look="quiet" className="filter-button">
          {chosen === 0 ? "All sources" : chosen === 1 ? "1 source" : `${chosen} sources`}<Icon name="chevron" size={12} />
        </Button>
      }
    >
      <Sources {...props} />
    </Popover>
  );
}

/** Sources are asked for when somebody looks for one. */
function Sources({ view, onChange }: SourceFilterProps): ReactNode {
  const [text, setText] = useState("");
  const wanted = useDeferredValue(text.trim());
  const { data, problems, asking } = useAnswer(SOURCES, { filter: wanted === "" ? {} : { text: wanted } });
  const nodes = data?.sources?.edges.map(({ node }) => node) ?? [];
  const list = (field: "host" | "app", chosen: readonly string[]) => {
    const named = nodes.flatMap((node) => node[field] ?? []);
    const found = named.filter((value) => value.toLowerCase().includes(wanted.toLowerCase()));
    const values = [...new Set([...chosen, ...found.toSorted()])];
    return (
      <fieldset className="filter-sources">
        <legend>{field === "host" ? "Hosts" : "Programs"}</legend>
        {values.map((value) => (
          <label key={value}>
            <input
              type="checkbox" checked={chosen.includes(value)} onChange={() => onChange(togglingValue(view, field, value))}
            />
            <Text text={value} most={100} oneLine />
          </label>
        ))}
        {values.length === 0 && !asking && <p className="soft">none</p>}
      </fieldset>
    );
  };
  return (
    <>
      <input
        className="filter-search" type="search" placeholder="Find a host or program" aria-label="Find a host or program"
        value={text} onChange={({ target }) => setText(target.value)}
      />
      <Problems problems={problems} />
      <div className="filter-columns">
        {list("host", view.hosts)}
        {list("app", view.apps)}
      </div>
    </>
  );
}
