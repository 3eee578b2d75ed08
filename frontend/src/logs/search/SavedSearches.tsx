import { memo, useState, type ReactNode } from "react";

import { run, useAnswer } from "../../graphql/hooks.ts";
import { explain } from "../../session/explain.ts";
import { useUser } from "../../session/react.tsx";
import { Button, IconButton } from "../../ui/Button.tsx";
import { Checkbox, Field } from "../../ui/Field.tsx";
import { Form } from "../../ui/Form.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { Popover } from "../../ui/Popover.tsx";
import { Problems } from "../../ui/Problems.tsx";
import { toast } from "../../ui/toasts.ts";
import { REMOVE_SEARCH, SAVED_SEARCHES, SAVE_SEARCH } from "../documents.ts";
import { Text } from "../list/Text.tsx";
import { conditionsOf } from "../view/filter.ts";
import { withSaved } from "../view/saved.ts";
import type { View } from "../view/view.ts";
import "./SavedSearches.css";

interface SavedSearchesProps {
  readonly view: View;
  readonly onChange: (next: View) => void;
}

/** Searches with a name: one's own, and those that others share. */
export const SavedSearches = memo(function SavedSearches(props: SavedSearchesProps): ReactNode {
  const [open, setOpen] = useState(false);
  const take = (next: View) => {
    setOpen(false);
    props.onChange(next);
  };
  return (
    <Popover
      label="Saved searches" align="end" className="saved" open={open} onOpenChange={setOpen}
      trigger={<Button look="quiet" className="filter-button"><Icon name="star" size={14} />Saved</Button>}
    >
      <Saved view={props.view} onChange={take} />
    </Popover>
  );
});

function Saved({ view, onChange }: SavedSearchesProps): ReactNode {
  const user = useUser();
  const { data, problems, again } = useAnswer(SAVED_SEARCHES, {});
  const searches = data?.savedSearches ?? [];
  const save = async (values: FormData) => {
    const name = String(values.get("name")).trim();
    await run(SAVE_SEARCH, { name, filter: conditionsOf(view), shared: values.get("shared") === "on" });
    toast(`Saved “${name}”.`);
    again();
  };
  const remove = async (id: string, name: string) => {
    try {
      await run(REMOVE_SEARCH, { id });
      toast(`Removed “${name}”.`);
    } catch (failure) {
      toast(explain(failure), "error");
    }
    again();
  };
  return (
    <>
      <Problems problems={problems} again={again} />
      {searches.length === 0 && data !== undefined && <p className="soft">No search is saved yet.</p>}
      <ul className="saved-list" aria-label="Saved searches">
        {searches.map(({ id, name, filter, shared, owner }) => (
          <li key={id} className="saved-search">
            <button type="button" className="saved-name" onClick={() => onChange(withSaved(view, filter))}>
              <Text text={name} most={100} oneLine />
              {shared && (
                <span className="soft"> {owner === null || owner.id === user.id ? "shared" : `by ${owner.displayName}`}</span>
              )}
            </button>
            {owner?.id === user.id && (
              <IconButton label={`Remove ${name}`} onClick={() => void remove(id, name)}>
                <Icon name="close" size={14} />
              </IconButton>
            )}
          </li>
        ))}
      </ul>
      {user.role !== "VIEWER" && (
        <div className="saved-form">
          <Form action={save} submit="Save this search" busy="Saving…">
            <Field label="Name" name="name" required maxLength={100} autoComplete="off" />
            <Checkbox label="Everybody may use it" name="shared" />
          </Form>
        </div>
      )}
    </>
  );
}
