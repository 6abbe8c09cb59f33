/**
 * @file Progress drawn: a bar that is redrawn on a terminal, lines elsewhere.
 */
import { MultiBar, type SingleBar } from "cli-progress";
import { harmless } from "../text/harmless.js";
import { writeLine, type OutputStream } from "./output-stream.js";

const REDRAWS_PER_SECOND = 10;

/** How a surface draws the progress of the current stage. */
export interface Display {
  /** A stage began that has nothing to count yet. */
  begin(title: string): void;
  advance(line: ProgressLine): void;
  /** The stage is over, or an error is about to be shown. */
  clear(): void;
  log(text: string): void;
}

export interface ProgressLine {
  readonly title: string;
  readonly done: number;
  readonly total: number;
  readonly unit: string;
  readonly rate: string;
  readonly left: string;
  /** Of the work, 0 to 1, where that says more than `done` of `total`. */
  readonly share?: number;
}

/** Of the work that a line tells of, 0 to 1. */
export function shareOf({ share, done, total }: ProgressLine): number {
  return share ?? done / Math.max(1, total);
}

/** A line each time; whoever calls decides how often. */
export function plainDisplay(stream: OutputStream): Display {
  const log = (text: string): void => {
    writeLine(stream, text);
  };
  return {
    begin: () => undefined,
    advance: (line) => {
      const { title, done, total, unit, rate, left } = line;
      const percent = Math.floor(100 * shareOf(line));
      log(`${title}: ${percent} % (${done}/${total} ${unit})${rate}${left}`);
    },
    clear: () => undefined,
    log,
  };
}

export function liveDisplay(
  stream: OutputStream & Partial<NodeJS.WritableStream>,
): Display {
  let bars: MultiBar | undefined;
  let bar: SingleBar | undefined;
  const show = (total: number, line: ProgressLine): void => {
    bars ??= new MultiBar({
      stream: stream as NodeJS.WritableStream,
      format: (_options, _params, payload: ProgressLine) =>
        harmless(liveLine(payload, stream.columns ?? COLUMNS)),
      fps: REDRAWS_PER_SECOND,
      hideCursor: true,
      clearOnComplete: true,
      // Signals are src/cli/interrupt.ts's business.
      gracefulExit: false,
    });
    bar ??= bars.create(total, line.done, line);
    bar.setTotal(total);
    bar.update(line.done, line);
  };
  return {
    begin: (title) => {
      show(1, { title, done: 0, total: 0, unit: "", rate: "", left: "" });
    },
    advance: (line) => {
      show(line.total, line);
    },
    clear: () => {
      bars?.stop();
      bars = undefined;
      bar = undefined;
    },
    log: (text) => {
      if (bars === undefined) writeLine(stream, text);
      else bars.log(`${harmless(text)}\n`);
    },
  };
}

/** Where a terminal does not say how wide it is. */
const COLUMNS = 80;
const LONGEST_BAR = 24;
const SHORTEST_BAR = 4;

/** One line of a terminal: the bar gives way first, then the title; numbers stay. */
export function liveLine(line: ProgressLine, columns: number): string {
  const { title, done, total, unit, rate, left } = line;
  if (total === 0) return cut(`${title} …`, columns - 1);
  const share = Math.min(1, shareOf(line));
  const percent = Math.floor(100 * share);
  const numbers = `${percent} % (${done}/${total} ${unit})${rate}${left}`;
  const room = columns - 1 - numbers.length - 2;
  const size = Math.max(
    SHORTEST_BAR,
    Math.min(LONGEST_BAR, room - title.length),
  );
  const full = Math.round(size * share);
  const bar = `${"█".repeat(full)}${"░".repeat(size - full)}`;
  return `${cut(title, room - size)} ${bar} ${numbers}`;
}

function cut(text: string, room: number): string {
  return text.length <= room
    ? text
    : `${text.slice(0, Math.max(1, room - 1))}…`;
}
