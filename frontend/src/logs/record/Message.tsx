import { useState, type ReactNode } from "react";

import { bytes } from "../../format/numbers.ts";
import { Button } from "../../ui/Button.tsx";
import type { Finder } from "../list/highlight.ts";
import { Text } from "../list/Text.tsx";

/** So much of a message is shown until somebody asks for all of it, in UTF-16 units. */
const BEGINNING = 4_096;

/** The whole message, its lines apart. */
export function Message({ text, find }: { readonly text: string; readonly find: Finder | undefined }): ReactNode {
  const [all, setAll] = useState(false);
  return (
    <div className="record-message">
      <pre tabIndex={0} aria-label="Message">
        <Text text={text} most={all ? text.length : BEGINNING} {...(find && { find })} />
      </pre>
      {text.length > BEGINNING && (
        <Button onClick={() => setAll(!all)}>{all ? "Show the beginning" : `Show all (${bytes(text.length)})`}</Button>
      )}
    </div>
  );
}
