import { lazy, Suspense, useState, type ReactNode } from "react";

import { IconButton } from "../ui/Button.tsx";
import { Icon } from "../ui/Icon.tsx";
import { Menu, MenuItem, MenuLink } from "../ui/Menu.tsx";
import { EXPLORE, TAIL, withTops } from "./documents.ts";
import { graphiqlLink } from "./graphiqlLink.ts";
import { questionOf } from "./question.ts";
import type { Answer } from "./useExplore.ts";
import { conditionsOf } from "./view/filter.ts";
import type { View } from "./view/view.ts";

const ExportDialog = lazy(async () => ({ default: (await import("./export/ExportDialog.tsx")).ExportDialog }));

interface ExploreMenuProps {
  readonly view: View;
  readonly answer: Answer | undefined;
}

/** What can be done with a view besides looking at it. */
export function ExploreMenu({ view, answer }: ExploreMenuProps): ReactNode {
  const [exporting, setExporting] = useState(false);
  const total = answer?.buckets?.reduce((sum, { count }) => sum + count, 0);
  return (
    <>
      <Menu trigger={<IconButton label="More" className="filter-button"><Icon name="more" /></IconButton>}>
        <MenuItem onSelect={() => setExporting(true)}>Export these records…</MenuItem>
        <MenuLink><a href={linkOf(view)} target="_blank" rel="noreferrer">Open in GraphiQL</a></MenuLink>
      </Menu>
      {exporting && (
        <Suspense>
          <ExportDialog view={view} total={total} onClose={() => setExporting(false)} />
        </Suspense>
      )}
    </>
  );
}

/** The exact operation of a view, to be run by hand. */
function linkOf(view: View): string {
  if (view.live) return graphiqlLink(TAIL, { filter: conditionsOf(view), last: 50 });
  const { fields, variables } = questionOf(view, Date.now());
  return graphiqlLink(withTops(EXPLORE, fields, "filter"), variables);
}
