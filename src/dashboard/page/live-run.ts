/**
 * @file Following a run: server-sent events with a cursor, so that after a broken
 * connection only what is new comes again. What is kept is bounded, however long the run.
 */
import { useEffect, useReducer } from "preact/hooks";
import type {
  CurvePoint,
  LiveMessage,
  LiveProgress,
  LiveRow,
  RunDetail,
} from "../api/api.js";
import { apiAddress, tellReached } from "./server.js";

/** Milliseconds before a lost connection is tried again. */
const RECONNECT = 2_000;
/** Newest rows kept of each table. */
const ROWS_KEPT = 12;
/** Points kept of each stage's curve; past it every second one goes. */
const POINTS_KEPT = 4_000;

export interface LiveRun {
  readonly run: RunDetail | null;
  readonly progress: LiveProgress | null;
  /** By stage, oldest first. */
  readonly curves: ReadonlyMap<string, readonly CurvePoint[]>;
  /** By table, newest first. */
  readonly rows: ReadonlyMap<string, readonly LiveRow[]>;
  readonly connected: boolean;
}

type Step = LiveMessage | { readonly type: "connected" | "lost" };

const NOTHING: LiveRun = {
  run: null,
  progress: null,
  curves: new Map(),
  rows: new Map(),
  connected: false,
};

function grouped<T>(
  items: readonly T[],
  nameOf: (item: T) => string,
): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(nameOf(item));
    if (group === undefined) groups.set(nameOf(item), [item]);
    else group.push(item);
  }
  return groups;
}

function withPoints(
  curves: LiveRun["curves"],
  points: readonly CurvePoint[],
): LiveRun["curves"] {
  const all = new Map(curves);
  for (const [stage, fresh] of grouped(points, ({ stage }) => stage)) {
    // A resumed run tells steps again that it had not yet made durable.
    const first = fresh[0]?.step ?? 0;
    const before = (all.get(stage) ?? []).filter(({ step }) => step < first);
    const joined = [...before, ...fresh];
    all.set(
      stage,
      joined.length > POINTS_KEPT
        ? joined.filter((_, index) => index % 2 === joined.length % 2)
        : joined,
    );
  }
  return all;
}

function withRows(
  rows: LiveRun["rows"],
  fresh: readonly LiveRow[],
): LiveRun["rows"] {
  const all = new Map(rows);
  for (const [table, added] of grouped(fresh, ({ table }) => table)) {
    const known = new Map(
      [...(all.get(table) ?? []), ...added].map((row) => [row.id, row]),
    );
    all.set(
      table,
      [...known.values()].sort((a, b) => b.id - a.id).slice(0, ROWS_KEPT),
    );
  }
  return all;
}

/** The state after one message. */
export function followLive(state: LiveRun, step: Step): LiveRun {
  switch (step.type) {
    case "run":
      return { ...state, run: step.run };
    case "progress":
      return { ...state, progress: step.progress };
    case "curve":
      return { ...state, curves: withPoints(state.curves, step.points) };
    case "rows":
      return { ...state, rows: withRows(state.rows, step.rows) };
    case "renewed":
      return { ...NOTHING, run: state.run, connected: state.connected };
    case "connected":
      return { ...state, connected: true };
    case "lost":
      return { ...state, connected: false };
  }
}

/** @returns what ends it */
function listen(id: string, onStep: (step: Step) => void): () => void {
  let cursor = "0";
  let source: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const open = (): void => {
    source = new EventSource(
      `${apiAddress(["runs", id, "live"])}?cursor=${encodeURIComponent(cursor)}`,
    );
    source.onopen = () => {
      tellReached(true);
      onStep({ type: "connected" });
    };
    source.onmessage = (event: MessageEvent<string>) => {
      const message = JSON.parse(event.data) as LiveMessage;
      if (event.lastEventId !== "") cursor = event.lastEventId;
      onStep(message);
      if (message.type === "renewed") again("0", 0);
    };
    source.onerror = () => {
      onStep({ type: "lost" });
      again(cursor, RECONNECT);
    };
  };
  const again = (from: string, wait: number): void => {
    cursor = from;
    source?.close();
    clearTimeout(timer);
    timer = setTimeout(open, wait);
  };
  open();
  return () => {
    clearTimeout(timer);
    source?.close();
  };
}

export function useLiveRun(id: string): LiveRun {
  const [state, take] = useReducer(followLive, NOTHING);
  useEffect(() => listen(id, take), [id]);
  return state;
}
