/** The log: what of it is asked for, how much there is over time, and the lines themselves, still or live. */
import { useCallback, useMemo, useState, type ReactNode } from "react";

import { Button, IconButton } from "../ui/Button.tsx";
import { Icon } from "../ui/Icon.tsx";
import { useShortcut } from "../ui/shortcuts.ts";
import { Sidebar } from "./fields/Sidebar.tsx";
import { useAttributes } from "./fields/useAttributes.ts";
import { Filters } from "./filters/Filters.tsx";
import { Histogram } from "./histogram/Histogram.tsx";
import { ViewMenu } from "./list/ViewMenu.tsx";
import { StateLine } from "./live/StateLine.tsx";
import { LinesPane } from "./LinesPane.tsx";
import { between, resolve, type Range } from "./time/range.ts";
import { TimePicker } from "./time/TimePicker.tsx";
import { ExploreMenu } from "./ExploreMenu.tsx";
import { LinkedRecord } from "./record/LinkedRecord.tsx";
import { SavedSearches } from "./search/SavedSearches.tsx";
import { SearchBox } from "./search/SearchBox.tsx";
import { useScreen } from "./useScreen.ts";
import { withLive, withQuery, withTime } from "./view/change.ts";
import { filterOf } from "./view/filter.ts";
import { useView } from "./view/useView.ts";
import { DEFAULT } from "./view/view.ts";
import "./Explore.css";

export function Explore(): ReactNode {
  const [view, change] = useView();
  const screen = useScreen(view);
  const { answer, tail, items, queryProblem } = screen;
  const attributes = useAttributes(items, view.live);
  const [drawer, setDrawer] = useState(false);
  // What is suggested is there in the chosen time, whatever the query is so far.
  const within = useMemo(() => filterOf(DEFAULT, resolve(view.time, Date.now())), [view.time]);
  // While the log is followed, lines come with every frame: what stands around them is not drawn anew for that.
  const search = useCallback((query: string) => change(withQuery(view, query)), [change, view]);
  const choose = useCallback((time: Range) => change(withTime(view, time)), [change, view]);
  const zoom = useCallback((from: number, to: number) => choose(between(from, to)), [choose]);
  const follow = () => change(withLive(view, !view.live));
  useShortcut({ keys: "Escape", does: "Close the fields", group: "Explore" }, () => setDrawer(false), drawer);
  useShortcut({ keys: "l", does: view.live ? "Stop following" : "Follow live", group: "Explore" }, follow);

  return (
    <div className="explore">
      <h1 className="visually-hidden">Explore</h1>
      <div className="explore-bar">
        <SearchBox
          query={view.query} onSearch={search} problem={queryProblem}
          attributes={attributes} within={within}
        />
        <div className="explore-tools">
          <TimePicker time={view.time} zone={view.clock} onChange={choose} />
          <Button
            className={view.live ? "live-on" : ""} aria-pressed={view.live} title="Follow live (l)"
            onClick={({ detail, currentTarget }) => {
              follow();
              // Whoever points at it means the lines with the next key: a space pauses.
              if (detail > 0) currentTarget.blur();
            }}
          >
            <Icon name={view.live ? "close" : "play"} size={14} />Live
          </Button>
          {!view.live && (
            <IconButton look="plain" label="Ask again" aria-busy={screen.asking} onClick={screen.again}>
              <Icon name="refresh" />
            </IconButton>
          )}
        </div>
      </div>
      <div className="explore-bar explore-second">
        <Button look="quiet" className="filter-button explore-drawer" aria-expanded={drawer} onClick={() => setDrawer(!drawer)}>
          <Icon name="filter" size={14} />Fields
        </Button>
        <Filters view={view} onChange={change} />
        {view.live && <StateLine tail={tail} />}
        <SavedSearches view={view} onChange={change} />
        <ViewMenu view={view} onChange={change} attributes={attributes} />
        <ExploreMenu view={view} answer={answer} />
      </div>
      <Histogram question={answer?.question} buckets={answer?.buckets} clock={view.clock} onZoom={zoom} />
      <div className="explore-body">
        <div className={drawer ? "explore-side explore-side-open" : "explore-side"}>
          <Sidebar
            view={view} onChange={change} overview={queryProblem === undefined ? answer : undefined}
            attributes={attributes}
          />
        </div>
        <LinesPane view={view} onChange={change} screen={screen} />
      </div>
      <LinkedRecord view={view} onChange={change} />
    </div>
  );
}
