/** A menu that a button opens, and what may stand in it. All but the button is loaded when it is first wanted. */
import { createContext, useContext, useState, type ReactNode } from "react";

import type * as Layer from "./layers/Menu.tsx";
import { onDemand } from "./onDemand.ts";
import { Opener, type Trigger } from "./Opener.tsx";

const layer = onDemand<typeof Layer>(() => import("./layers/Menu.tsx"));
const LayerContext = createContext<typeof Layer | undefined>(undefined);

interface MenuProps extends Omit<Layer.MenuProps, "trigger"> {
  readonly trigger: Trigger;
}

export function Menu({ trigger, ...rest }: MenuProps): ReactNode {
  const [wanted, setWanted] = useState(false);
  const part = layer.usePart(wanted, () => setWanted(false));
  if (part === undefined) {
    return <Opener trigger={trigger} opens="menu" onOpen={() => setWanted(true)} onNear={layer.preload} />;
  }
  return <LayerContext value={part}><part.Menu trigger={trigger} {...rest} /></LayerContext>;
}

export function MenuItem(props: Layer.MenuItemProps): ReactNode {
  const part = useLayer();
  return <part.MenuItem {...props} />;
}

/** An item that is a link: the child is the anchor. */
export function MenuLink({ children }: { readonly children: ReactNode }): ReactNode {
  const part = useLayer();
  return <part.MenuLink>{children}</part.MenuLink>;
}

/** One of a few. */
export function MenuChoice<Value extends string>(props: Layer.MenuChoiceProps<Value>): ReactNode {
  const part = useLayer();
  return <part.MenuChoice {...props} />;
}

/** Something to read: who is signed in. */
export function MenuLabel({ children }: { readonly children: ReactNode }): ReactNode {
  const part = useLayer();
  return <part.MenuLabel>{children}</part.MenuLabel>;
}

export function MenuSeparator(): ReactNode {
  const part = useLayer();
  return <part.MenuSeparator />;
}

function useLayer(): typeof Layer {
  const part = useContext(LayerContext);
  if (part === undefined) throw new Error("this stands in a menu only");
  return part;
}
