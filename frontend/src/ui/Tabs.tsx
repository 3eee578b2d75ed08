import * as Radix from "@radix-ui/react-tabs";
import type { ReactNode } from "react";

import "./Tabs.css";

interface TabsProps<Tab extends string> {
  /** What the tabs are parts of. */
  readonly label: string;
  readonly value: Tab;
  readonly onChange: (tab: Tab) => void;
  readonly tabs: Readonly<Record<Tab, string>>;
  /** The panel of the tab that is chosen. */
  readonly children: ReactNode;
}

/** A few views of one thing, one at a time. */
export function Tabs<Tab extends string>({ label, value, onChange, tabs, children }: TabsProps<Tab>): ReactNode {
  return (
    <Radix.Root value={value} onValueChange={(tab) => onChange(tab as Tab)}>
      <Radix.List className="tabs" aria-label={label}>
        {Object.entries<string>(tabs).map(([tab, text]) => (
          <Radix.Trigger key={tab} className="tab" value={tab}>{text}</Radix.Trigger>
        ))}
      </Radix.List>
      <Radix.Content value={value}>{children}</Radix.Content>
    </Radix.Root>
  );
}
