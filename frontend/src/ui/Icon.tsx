/** The icons of the pages, drawn on a grid of 16 by 16. They say nothing by themselves: a label stands beside them. */
import type { ReactNode } from "react";

const PATHS = {
  back: "M10 3.5 5.5 8l4.5 4.5",
  check: "M3 8.5 6.5 12 13 4.5",
  chevron: "M4 6l4 4 4-4",
  close: "M4 4l8 8M12 4l-8 8",
  columns: "M2.5 3h11v10h-11V3ZM6.2 3v10M9.8 3v10",
  copy: "M5.5 5.5V3.5a1 1 0 0 1 1-1h6a1 1 0 0 1 1 1v6a1 1 0 0 1-1 1h-2M3.5 5.5h6a1 1 0 0 1 1 1v6a1 1 0 0 1-1 1h-6a1 1 0 0 1-1-1v-6a1 1 0 0 1 1-1Z",
  external: "M9 3h4v4M13 3 7.5 8.5M11 9.5V12a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1h2.5",
  filter: "M2.5 3.5h11L9.5 8.5v4l-3-1.5v-2.5Z",
  forth: "M6 3.5 10.5 8 6 12.5",
  help: "M6 6.2a2 2 0 1 1 2.9 1.8c-.6.3-.9.7-.9 1.4M8 11.6v.1M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12Z",
  menu: "M2.5 4.5h11M2.5 8h11M2.5 11.5h11",
  more: "M3.5 8h.01M8 8h.01M12.5 8h.01",
  play: "M5 3.2v9.6L12.5 8 5 3.2Z",
  plus: "M8 3v10M3 8h10",
  minus: "M3 8h10",
  refresh: "M13 8a5 5 0 1 1-1.6-3.7M13 2.5v2.3h-2.3",
  search: "M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10ZM10.7 10.7 14 14",
  star: "M8 2.3l1.7 3.6 4 .5-2.9 2.7.7 3.9L8 11.1l-3.5 1.9.7-3.9-2.9-2.7 4-.5L8 2.3Z",
  user: "M8 8a2.8 2.8 0 1 0 0-5.6A2.8 2.8 0 0 0 8 8ZM2.8 13.6c.5-2.4 2.6-3.8 5.2-3.8s4.7 1.4 5.2 3.8",
  warning: "M8 2.5 14 13H2L8 2.5ZM8 6.5v3M8 11.3v.1",
  widen: "M2.5 8h11M5 5 2 8l3 3M11 5l3 3-3 3",
} as const;

export type IconName = keyof typeof PATHS;

interface IconProps {
  readonly name: IconName;
  readonly size?: number;
}

export function Icon({ name, size = 16 }: IconProps): ReactNode {
  return (
    <svg
      className="icon" aria-hidden viewBox="0 0 16 16" width={size} height={size}
      fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" strokeLinejoin="round"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
