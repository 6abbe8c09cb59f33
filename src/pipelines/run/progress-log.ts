/**
 * @file Writes progress.json from a run's events, for those who look on.
 *
 * It never holds a run up and never fails one: a file that cannot be written is not
 * written. Each process begins anew; nothing of a run is taken from it.
 */
import { renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { EventListener, TrainingStep } from "../../events/run-event.js";
import {
  PROGRESS_FILE,
  type ProgressFile,
  type ProgressPoint,
} from "../../events/progress-file.js";
import { type Clock, timestamp } from "../../foundation/clock.js";
import { RecentRate } from "./recent-rate.js";

const INTERVAL_MS = 1000;
/** As many steps as wait at most until the ledger gets them. */
const MOST_POINTS = 100;

interface UnderWay {
  readonly stage: string;
  done: number;
  total: number;
  unit: string;
  waiting: string | null;
}

export interface ProgressLog {
  readonly onEvent: EventListener;
  /** Takes the file away: nobody works on the run any more. */
  end(): void;
}

export function progressLog(folder: string, clock: Clock): ProgressLog {
  const file = replacedFile(join(folder, PROGRESS_FILE));
  let units = new RecentRate(clock);
  let tokens = new RecentRate(clock);
  let stage: UnderWay | null = null;
  let points: ProgressPoint[] = [];

  const content = (now: UnderWay): ProgressFile => {
    const { done, total } = now;
    const rate = units.perSecond();
    const left = rate === null || done >= total ? null : (total - done) / rate;
    const tokensPerSecond = tokens.perSecond();
    const at = timestamp(clock);
    return { reading: { ...now, rate, left, tokensPerSecond, at }, points };
  };
  const write = (): void => {
    if (stage !== null) file.put(JSON.stringify(content(stage)));
  };
  const pace = pacedBy(INTERVAL_MS, clock, write);

  const begin = (name: string): void => {
    stage = { stage: name, done: 0, total: 0, unit: "", waiting: null };
    units = new RecentRate(clock);
    tokens = new RecentRate(clock);
    points = [];
  };
  const at = (name: string): UnderWay => {
    if (stage?.stage !== name) begin(name);
    return stage as UnderWay;
  };
  const advance = (
    name: string,
    count: Pick<UnderWay, "done" | "total" | "unit">,
  ): void => {
    Object.assign(at(name), count, { waiting: null });
    units.reached(count.done);
  };
  const step = ({
    stage: name,
    totalSteps,
    metrics,
    recorded,
  }: TrainingStep) => {
    const { step: done } = metrics;
    advance(name, { done, total: totalSteps, unit: "steps" });
    // An earlier process did it, at another time.
    if (recorded) units.restart();
    points = [...points, pointOf(name, metrics)].slice(-MOST_POINTS);
  };

  const take: EventListener = (event) => {
    if (event.type === "stage-start") begin(event.stage);
    else if (event.type === "stage-progress") advance(event.stage, event);
    else if (event.type === "training-step") step(event);
    else if (event.type === "token-progress") {
      const { done, expected } = event;
      if (stage !== null)
        stage.waiting = expected === 0 ? "loading the model" : null;
      tokens.counted(done);
    } else if (event.type === "wait-progress") {
      if (stage !== null) stage.waiting = event.message;
    } else if (event.type === "preparation") {
      at(event.stage).waiting = event.doing;
    } else return;
    pace.ask();
  };
  return {
    onEvent: take,
    end: () => {
      pace.stop();
      file.remove();
    },
  };
}

function pointOf(
  stage: string,
  { step, ...metrics }: TrainingStep["metrics"],
): ProgressPoint {
  const finite = Object.entries(metrics).filter(([, value]) =>
    Number.isFinite(value),
  );
  return {
    stage,
    step,
    metrics: Object.fromEntries(finite),
  };
}

/** Acts at once when it did not for `interval` ms, else when those have passed. */
function pacedBy(interval: number, clock: Clock, act: () => void) {
  let last = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;
  const now = (): void => {
    clearTimeout(timer);
    timer = undefined;
    last = clock.monotonic();
    act();
  };
  return {
    ask: (): void => {
      const wait = last + interval - clock.monotonic();
      if (wait <= 0) now();
      // A run that has nothing else to do ends without waiting for it.
      else timer ??= setTimeout(now, wait).unref();
    },
    stop: (): void => {
      clearTimeout(timer);
    },
  };
}

/** A file that readers see old or new, nothing between. */
function replacedFile(path: string) {
  const next = `${path}.next`;
  const trying = (work: () => void): void => {
    try {
      work();
    } catch {
      // Who looks on sees less; the run is worth more.
    }
  };
  return {
    put: (content: string): void => {
      trying(() => {
        writeFileSync(next, content);
        renameSync(next, path);
      });
    },
    remove: (): void => {
      for (const each of [next, path])
        trying(() => {
          rmSync(each, { force: true });
        });
    },
  };
}
