/** A menu that a button opens: the part that is loaded when the first one is wanted. */
import * as Radix from "@radix-ui/react-dropdown-menu";
import { createContext, useContext, useRef, type ReactNode } from "react";

import { Icon } from "../Icon.tsx";
import { usePortalRoot } from "../portal.ts";
import "./floating.css";
import "./Menu.css";

export interface MenuProps {
  /** The button. */
  readonly trigger: ReactNode;
  readonly align?: "start" | "end";
  readonly children: ReactNode;
}

/** Says what to do when the menu is closed and focus is back on its button: a dialog that opens then returns it there. */
const AfterwardsContext = createContext((_run: () => void) => {});

export function Menu({ trigger, align = "end", children }: MenuProps): ReactNode {
  const container = usePortalRoot();
  const chosen = useRef<() => void>(undefined);
  const onClosed = () => {
    const run = chosen.current;
    chosen.current = undefined;
    if (run !== undefined) queueMicrotask(run);
  };
  return (
    <Radix.Root modal={false} defaultOpen>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal container={container}>
        <Radix.Content
          className="floating menu" align={align} sideOffset={4} collisionPadding={8} onCloseAutoFocus={onClosed}
        >
          <AfterwardsContext value={(run) => { chosen.current = run; }}>{children}</AfterwardsContext>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

export interface MenuItemProps {
  readonly onSelect: () => void;
  /** Whether it takes something away. */
  readonly danger?: boolean;
  readonly disabled?: boolean;
  readonly children: ReactNode;
}

export function MenuItem({ onSelect, danger = false, disabled = false, children }: MenuItemProps): ReactNode {
  const afterwards = useContext(AfterwardsContext);
  const className = danger ? "menu-item menu-danger" : "menu-item";
  return (
    <Radix.Item className={className} disabled={disabled} onSelect={() => afterwards(onSelect)}>
      {children}
    </Radix.Item>
  );
}

/** An item that is a link: the child is the anchor. */
export function MenuLink({ children }: { readonly children: ReactNode }): ReactNode {
  return <Radix.Item className="menu-item" asChild>{children}</Radix.Item>;
}

export interface MenuChoiceProps<Value extends string> {
  readonly label: string;
  readonly value: Value;
  readonly options: Readonly<Record<Value, string>>;
  readonly onChange: (value: Value) => void;
}

/** One of a few. */
export function MenuChoice<Value extends string>({ label, value, options, onChange }: MenuChoiceProps<Value>): ReactNode {
  return (
    <Radix.RadioGroup value={value} onValueChange={(chosen) => onChange(chosen as Value)}>
      <Radix.Label className="menu-label">{label}</Radix.Label>
      {Object.entries<string>(options).map(([option, text]) => (
        // The menu stays: what was chosen can be seen at once.
        <Radix.RadioItem key={option} className="menu-item" value={option} onSelect={(event) => event.preventDefault()}>
          <span className="menu-check">{option === value && <Icon name="check" size={14} />}</span>
          {text}
        </Radix.RadioItem>
      ))}
    </Radix.RadioGroup>
  );
}

/** Something to read: who is signed in. */
export function MenuLabel({ children }: { readonly children: ReactNode }): ReactNode {
  return <Radix.Label className="menu-label">{children}</Radix.Label>;
}

export function MenuSeparator(): ReactNode {
  return <Radix.Separator className="menu-separator" />;
}
