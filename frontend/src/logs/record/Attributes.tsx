import { useState, type ReactNode } from "react";

import { counted } from "../../format/numbers.ts";
import { Button } from "../../ui/Button.tsx";
import { branches, isTree, leafText, type Json } from "../fields/attributes.ts";
import { Text } from "../list/Text.tsx";
import type { View } from "../view/view.ts";
import { Value } from "./Value.tsx";

/** Branches that are shown until somebody asks for all of them. */
const FIRST = 50;
/** Trees up to this size begin open. */
const SMALL = 12;

interface AttributesProps {
  readonly tree: Json;
  readonly view: View;
  readonly onChange: (next: View) => void;
}

/** The attributes of a record, as the tree that they are. */
export function Attributes({ tree, view, onChange }: AttributesProps): ReactNode {
  return (
    <section className="attributes" aria-label="Attributes">
      <h4>Attributes</h4>
      <Branches value={tree} path="attributes" inList={false} view={view} onChange={onChange} />
    </section>
  );
}

interface BranchesProps {
  readonly value: Json;
  readonly path: string;
  readonly inList: boolean;
  readonly view: View;
  readonly onChange: (next: View) => void;
}

function Branches({ value, path, inList, view, onChange }: BranchesProps): ReactNode {
  const [all, setAll] = useState(false);
  const inside = branches(value);
  const shown = all ? inside : inside.slice(0, FIRST);
  return (
    <>
      <dl className="fields">
        {shown.map(([key, branch]) => {
          const isList = inList || Array.isArray(value);
          const longer = isList ? path : `${path}.${key}`;
          return isTree(branch) ? (
            <Branch key={key} name={key} value={branch} path={longer} inList={isList} view={view} onChange={onChange} />
          ) : (
            <Value
              key={key} name={key} field={longer} value={leafText(branch)} view={view} onChange={onChange} narrows={!isList}
            />
          );
        })}
      </dl>
      {inside.length > shown.length && (
        <Button onClick={() => setAll(true)}>Show all {counted(inside.length, "attribute")}</Button>
      )}
    </>
  );
}

function Branch({ name, value, ...rest }: BranchesProps & { readonly name: string }): ReactNode {
  const size = branches(value).length;
  const [open, setOpen] = useState(size <= SMALL);
  return (
    <div className="field-value">
      <dt>
        <button type="button" className="branch-name" aria-expanded={open} onClick={() => setOpen(!open)}>
          <Text text={name} most={200} oneLine />
        </button>
      </dt>
      <dd className="branch">
        {open ? (
          <Branches value={value} {...rest} />
        ) : (
          <span className="soft">{counted(size, Array.isArray(value) ? "item" : "field")}</span>
        )}
      </dd>
    </div>
  );
}
