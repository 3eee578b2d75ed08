import type { ReactNode } from "react";

import { Dialog } from "../ui/Dialog.tsx";
import { useShortcuts } from "../ui/shortcuts.ts";
import "./HelpDialog.css";

interface HelpDialogProps {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
}

/** The keys that do something on this page. */
export function HelpDialog({ open, onOpenChange }: HelpDialogProps): ReactNode {
  return (
    <Dialog title="Keys" open={open} onOpenChange={onOpenChange} size="wide">
      <Keys />
    </Dialog>
  );
}

function Keys(): ReactNode {
  const shortcuts = useShortcuts();
  const found = [...new Set(shortcuts.map(({ group }) => group))];
  // What is of this page comes first.
  const groups = [...found.filter((group) => !ALWAYS.includes(group)), ...ALWAYS];
  return (
    <div className="keys">
      {groups.map((group) => (
        <section key={group}>
          <h3>{group}</h3>
          <dl>
            {shortcuts
              .filter((shortcut) => shortcut.group === group)
              .map(({ keys, does }) => (
                <div key={keys}>
                  <dt>{(keys === " " ? [" "] : keys.split(" ")).map((key) => <kbd key={key}>{NAMES[key] ?? key}</kbd>)}</dt>
                  <dd>{does}</dd>
                </div>
              ))}
          </dl>
        </section>
      ))}
    </div>
  );
}

/** The groups of the keys that are taken on every page. */
const ALWAYS = ["Pages", "Everywhere"];

/** Keys that are not written on themselves. */
const NAMES: Readonly<Record<string, string>> = {
  " ": "Space", Escape: "Esc", ArrowUp: "↑", ArrowDown: "↓", ArrowLeft: "←", ArrowRight: "→",
};
