import type { ReactNode } from "react";

import { Button } from "../../ui/Button.tsx";
import { copy } from "../../ui/clipboard.ts";
import { Icon } from "../../ui/Icon.tsx";
import { toast } from "../../ui/toasts.ts";

interface CopyAsProps {
  /** As what a record is copied. */
  readonly name: string;
  /** Made when it is wanted: a record may be long. */
  readonly text: () => string;
}

/** Takes a record along in one of its forms. */
export function CopyAs({ name, text }: CopyAsProps): ReactNode {
  const onClick = () =>
    void copy(text()).then(
      () => toast(`Copied the ${name}.`),
      () => toast("The browser does not let this page copy.", "error"),
    );
  return (
    <Button look="quiet" className="filter-button" aria-label={`Copy the ${name}`} onClick={onClick}>
      <Icon name="copy" size={14} />{name}
    </Button>
  );
}
