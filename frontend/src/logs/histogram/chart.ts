/** The picture of the counts, by uPlot. It is loaded after the lines are there. */
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

import { short } from "../../format/numbers.ts";
import { severityColour } from "../../format/severities.ts";
import { clock, day } from "../../format/times.ts";
import type { Grid } from "../time/grid.ts";
import type { View } from "../view/view.ts";
import { piled, SERIES, type Stacks } from "./series.ts";

export interface Drawn {
  readonly stacks: Stacks;
  readonly grid: Grid;
  readonly clock: View["clock"];
}

export interface Chart {
  readonly draw: (drawn: Drawn) => void;
  /** Takes up the colours of the page, which may have changed. */
  readonly recolour: () => void;
  readonly destroy: () => void;
}

interface Listeners {
  /** A stretch was drawn over, in milliseconds since 1970. */
  readonly onZoom: (from: number, to: number) => void;
  /** A stretch is pointed at; none any more. */
  readonly onPoint: (place: number | undefined) => void;
}

const HEIGHT = 92;
/** Pixels that a pointer moves before it draws over a stretch. */
const DRAG = 5;
/** In seconds. */
const DAY = 86_400;

/** A chart in an element; it follows the element's width. */
export function makeChart(element: HTMLElement, first: Drawn, { onZoom, onPoint }: Listeners): Chart {
  let drawn = first;
  let plot = make();
  const resize = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: HEIGHT }));
  resize.observe(element);

  function make(): uPlot {
    const colour = colours(element);
    const axis = { stroke: colour("var(--text-soft)"), font: "11px system-ui, sans-serif", ticks: { show: false }, gap: 4 };
    const bars = uPlot.paths.bars?.({ size: [0.9, 24], align: 1 });
    return new uPlot(
      {
        width: element.clientWidth,
        height: HEIGHT,
        padding: [6, 20, 0, 0],
        legend: { show: false },
        cursor: { y: false, points: { show: false }, drag: { x: true, y: false, setScale: false, dist: DRAG } },
        scales: {
          x: { time: true, range: () => reachOf(drawn.grid) },
          y: { range: (_plot, _least, most) => [0, Math.max(1, most) * 1.05] },
        },
        tzDate: (seconds) => dateIn(drawn.clock, seconds),
        axes: [
          {
            ...axis, size: 20, grid: { show: false }, space: 80,
            values: (_plot, seconds, _axis, _space, step) => timeLabels(seconds, step, drawn.clock),
          },
          {
            ...axis, size: 44, grid: { stroke: colour("var(--line)"), width: 1 },
            splits: (_plot, _axis, _least, most) => [0, nice(most * 0.9)],
            values: (_plot, values) => values.map((value) => (value === 0 ? "" : short(value))),
          },
        ],
        series: [
          {},
          // The whole pile first: each series covers the lower part of the one before.
          ...SERIES.toReversed().map((level) => ({
            fill: colour(severityColour(level).fill), width: 0, points: { show: false }, ...(bars && { paths: bars }),
          })),
        ],
        hooks: {
          setSelect: [
            (made) => {
              const { left, width } = made.select;
              if (width < DRAG) return;
              made.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
              onZoom(made.posToVal(left, "x") * 1_000, made.posToVal(left + width, "x") * 1_000);
            },
          ],
          setCursor: [
            ({ cursor, posToVal }) => {
              const at = cursor.left === undefined || cursor.left < 0 ? undefined : posToVal(cursor.left, "x") * 1_000;
              const place = at === undefined ? undefined : Math.floor((at - drawn.grid.start) / drawn.grid.width);
              onPoint(place !== undefined && place >= 0 && place < drawn.grid.count ? place : undefined);
            },
          ],
        },
      },
      dataOf(drawn.stacks),
      element,
    );
  }

  return {
    draw(next) {
      drawn = next;
      plot.setData(dataOf(next.stacks));
    },
    recolour() {
      plot.destroy();
      plot = make();
    },
    destroy() {
      resize.disconnect();
      plot.destroy();
    },
  };
}

function dataOf(stacks: Stacks): uPlot.AlignedData {
  const piles = piled(stacks).toReversed().map((pile) => [...pile]);
  return [[...stacks.starts], ...piles];
}

/** From where to where a grid reaches, in seconds since 1970. */
function reachOf({ start, width, count }: Grid): [number, number] {
  return [start / 1_000, (start + width * count) / 1_000];
}

/** An instant as a date whose local parts are those of a clock. */
function dateIn(zone: View["clock"], seconds: number): Date {
  const date = new Date(seconds * 1_000);
  return zone === "utc" ? uPlot.tzDate(date, "Etc/UTC") : date;
}

/** A colour as it is in the end: a canvas cannot look up tokens. */
function colours(element: HTMLElement): (colour: string) => string {
  return (colour) => {
    const probe = document.createElement("i");
    probe.style.color = colour;
    element.append(probe);
    const { color } = getComputedStyle(probe);
    probe.remove();
    return color;
  };
}

/** The labels of times: as short as their distance lets them be, with the day where one begins. */
function timeLabels(seconds: readonly number[], step: number, zone: View["clock"]): string[] {
  return seconds.map((second) => {
    const instant = new Date(second * 1_000).toISOString();
    const time = clock(instant, zone);
    if (step >= DAY || time.startsWith("00:00:00")) return day(instant, zone).slice(5);
    return step >= 60 ? time.slice(0, 5) : step >= 1 ? time.slice(0, 8) : time;
  });
}

/** A number below another one that is good to read. */
function nice(value: number): number {
  const ten = 10 ** Math.floor(Math.log10(Math.max(1, value)));
  return ([5, 2, 1].find((n) => n * ten <= value) ?? 1) * ten;
}
