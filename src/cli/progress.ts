/**
 * @file Run events as a person wants to see them, on standard error.
 *
 * On a terminal: one live bar with rate and time left, at most ten redraws a
 * second, finished stages scrolling above it. Elsewhere: a line per 10 % of a
 * stage. A stage shorter than `PATIENCE_MS` that is not part of a run says
 * nothing, so that quick commands leave standard error empty. Rates count from
 * the first progress a process saw, so work found in the ledger does not inflate
 * them. A model at work tells in tokens how far it is, which is heard long before its
 * first answer ends. Nothing here changes a run.
 */
import type {
  EventListener,
  RunEvent,
  StageTotals,
  StageProgress,
  TokenProgress,
  TrainingPreparation,
} from "../events/run-event.js";
import { formatDuration, formatRate } from "../text/durations.js";
import {
  liveDisplay,
  plainDisplay,
  shareOf,
  type Display,
  type ProgressLine,
} from "./progress-display.js";
import type { OutputStream } from "./output-stream.js";

const PATIENCE_MS = 2000;
/** A stage of a run that has said nothing for so long tells that its model is at work. */
const SILENCE_MS = 30_000;
/** What is told within so long was read at once, however long it took to be made. */
const TOGETHER_MS = 200;

export interface ProgressReporter {
  readonly onEvent: EventListener;
  /** Prints a line, above the bar where there is one. */
  log(text: string): void;
  /** Takes the bar off the screen; call it before the last words. */
  close(): void;
}

export interface ProgressParts {
  readonly stream: OutputStream & Partial<NodeJS.WritableStream>;
  /** No progress at all; remarks and warnings still show. */
  readonly quiet: boolean;
  /** Milliseconds, from any origin. */
  readonly now: () => number;
}

interface StageView {
  readonly title: string;
  readonly startedAt: number;
  /** Work done before this process joined, and when it joined. */
  baseline?: { readonly done: number; readonly at: number };
  /** Tens of per cent already printed. */
  tenths: number;
  spoke: boolean;
  /** What was counted last. */
  latest?: StageProgress;
  /** The model's present call, and what was done of it when it was first heard of. */
  call?: {
    readonly progress: TokenProgress;
    readonly from: number;
    readonly at: number;
  };
  spokeAt: number;
  /** What it was said to do that is not counted. */
  said?: string;
}

export function createProgress(parts: ProgressParts): ProgressReporter {
  const { stream, quiet, now } = parts;
  const live = stream.isTTY === true && !quiet;
  const display = live ? liveDisplay(stream) : plainDisplay(stream);
  const board = stageBoard({ display, live, now });

  const show = (event: RunEvent): void => {
    switch (event.type) {
      case "run-start":
        board.enterRun();
        display.log(
          `${event.resumed ? "Going on with" : "Starting"} ${event.recipe} in ${event.folder}, seed ${event.seed}`,
        );
        return;
      case "round-start":
        display.log(
          `Round ${event.round} of ${event.rounds}: ${event.from} becomes ${event.to}`,
        );
        return;
      case "stage-start":
        board.start(event.stage, event.title);
        return;
      case "stage-progress":
        board.progress(event);
        return;
      case "token-progress":
        board.work(event);
        return;
      case "wait-progress":
        board.wait(event.message);
        return;
      case "preparation":
        board.prepare(event);
        return;
      case "training-step":
        if (event.recorded) {
          board.found(event.stage, event.metrics.step);
          return;
        }
        board.progress({
          type: "stage-progress",
          stage: event.stage,
          done: event.metrics.step,
          total: event.totalSteps,
          unit: "steps",
        });
        return;
      case "stage-end":
        display.clear();
        if (board.end(event.stage, event.title))
          display.log(
            `${event.title}: done in ${formatDuration(event.seconds)}${formatCounts(event.counts)}`,
          );
        return;
      case "stage-reuse":
        display.log(`${event.title}: already done`);
        return;
      case "evaluation-end":
        display.log(formatEvaluation(event));
        return;
      case "model-saved":
        display.log(`${event.model} saved to ${event.path}`);
        return;
      case "round-end":
      case "run-end":
        display.clear();
        return;
      case "warning":
      case "gate-failed":
        return;
      default:
        event satisfies never;
    }
  };

  return {
    onEvent: (event) => {
      if (event.type === "warning") {
        display.log(`Warning: ${event.message}`);
      } else if (event.type === "gate-failed" && event.forced) {
        display.log(
          `Warning: ${event.message} Going on because it was forced.`,
        );
      } else if (!quiet) {
        show(event);
      }
    },
    log: display.log,
    close: display.clear,
  };
}

function newStage(title: string, at: number): StageView {
  return { title, startedAt: at, tenths: 0, spoke: false, spokeAt: at };
}

const counted = (
  stage: string,
  count: Pick<StageProgress, "done" | "total" | "unit">,
): StageProgress => ({ type: "stage-progress", stage, ...count });

const inTokens = ({ done, expected: total }: TokenProgress) =>
  ({ done, total, unit: "tokens" }) as const;

/** What rates count from: of work that is told at once, its end. */
function baselineNow(
  before: StageView["baseline"],
  done: number,
  at: number,
): NonNullable<StageView["baseline"]> {
  if (before === undefined) return { done, at };
  return at - before.at < TOGETHER_MS ? { done, at: before.at } : before;
}

/** The call that is being answered; fewer tokens than before are those of the next one. */
function callNow(
  before: StageView["call"],
  progress: TokenProgress,
  at: number,
): NonNullable<StageView["call"]> {
  return before === undefined || progress.done < before.progress.done
    ? { progress, from: progress.done, at }
    : { ...before, progress };
}

/** The stages under way: what is known of each, and when it is worth a line. */
function stageBoard(parts: {
  readonly display: Display;
  readonly live: boolean;
  readonly now: () => number;
}) {
  const { display, live, now } = parts;
  const stages = new Map<string, StageView>();
  let inRun = false;
  /** The stage that began last, whose model is at work. */
  let current: string | undefined;

  const stageOf = (name: string, title: string): StageView => {
    const known = stages.get(name);
    if (known !== undefined) return known;
    const view = newStage(title, now());
    stages.set(name, view);
    return view;
  };

  const progress = (event: StageProgress): void => {
    const stage = stageOf(event.stage, event.stage);
    stage.baseline = baselineNow(stage.baseline, event.done, now());
    stage.latest = event;
    advance(stage, event);
  };

  const advance = (stage: StageView, event: StageProgress): void => {
    const line = progressLine(event, stage, { at: now(), inRun });
    if (live) {
      display.advance(line);
      return;
    }
    const tenths = Math.floor(10 * shareOf(line));
    const silent = inRun && now() - stage.spokeAt >= SILENCE_MS;
    if (tenths <= stage.tenths && !silent) return;
    stage.tenths = Math.max(stage.tenths, tenths);
    if (now() - stage.startedAt < PATIENCE_MS) return;
    stage.spoke = true;
    stage.spokeAt = now();
    display.advance(line);
  };

  /** That a stage does something that is not counted. */
  const say = (stage: StageView, doing: string): void => {
    if (stage.said === doing) return;
    const words = `${stage.title}: ${doing}`;
    if (live) display.begin(words);
    else if (!inRun) display.log(`${words} …`);
    stage.said = doing;
    stage.spoke = true;
  };

  const prepare = (event: TrainingPreparation): void => {
    const { stage: name, doing, done, total } = event;
    const stage = stageOf(name, name);
    if (total === 0) {
      say(stage, doing);
      return;
    }
    const part = `${name}: ${doing}`;
    const view = stageOf(part, `${stage.title}: ${doing}`);
    // In a run a line only when nothing else was heard for long.
    if (inRun) view.tenths = 10;
    progress(counted(part, { done, total, unit: "pairs" }));
    stage.spoke ||= view.spoke;
  };

  /** What the stage that is being worked on waits for; elsewhere a line now and then. */
  const wait = (message: string): void => {
    const stage = current === undefined ? undefined : stages.get(current);
    if (stage === undefined) return;
    const words = `${stage.title}: ${message}`;
    const silent = now() - stage.spokeAt >= SILENCE_MS || !stage.spoke;
    if (live) display.begin(words);
    else if (silent && stage.said !== words) {
      [stage.said, stage.spokeAt] = [words, now()];
      display.log(`${words} …`);
    }
    stage.spoke = true;
  };

  /** The tokens of the stage that is being worked on. */
  const work = (progress: TokenProgress): void => {
    const stage = stages.get(current ?? "");
    if (stage === undefined || current === undefined) return;
    if (progress.expected === 0) {
      say(stage, "loading the model");
      return;
    }
    stage.call = callNow(stage.call, progress, now());
    advance(stage, stage.latest ?? counted(current, inTokens(progress)));
  };

  return {
    enterRun: () => {
      inRun = true;
    },
    start: (name: string, title: string): void => {
      stageOf(name, title);
      current = name;
      if (inRun || live) display.begin(title);
    },
    progress,
    prepare,
    wait,
    work,
    /** Steps of an earlier process: rates count from here. */
    found: (name: string, done: number): void => {
      stageOf(name, name).baseline = { done, at: now() };
    },
    /** @returns whether its end is worth a line */
    end: (name: string, title: string): boolean => {
      const { spoke } = stageOf(name, title);
      for (const known of [...stages.keys()])
        if (known === name || known.startsWith(`${name}: `))
          stages.delete(known);
      return inRun || spoke;
    },
  };
}

function progressLine(
  event: StageProgress,
  stage: StageView,
  { at, inRun }: { readonly at: number; readonly inRun: boolean },
): ProgressLine {
  const { done, total, unit } = event;
  const { title } = stage;
  const tokens = tokenRate(stage, at);
  // A command's work is one call; a run's stage is many, of which one is known.
  if (tokens !== undefined && !inRun && done < total) {
    const { done: computed, expected } = tokens.progress;
    return {
      title,
      done,
      total,
      unit,
      rate: `, ${formatRate(tokens.rate, " tokens")}`,
      left: `, ${formatDuration((expected - computed) / tokens.rate)} left`,
      share: computed / Math.max(1, expected),
    };
  }
  const seconds = (at - (stage.baseline?.at ?? at)) / 1000;
  const fresh = done - (stage.baseline?.done ?? done);
  // The first report only sets the baseline: there is no rate yet.
  const rate = seconds > 0 && fresh > 0 ? fresh / seconds : undefined;
  return {
    title,
    done,
    total,
    unit,
    rate: [
      rate === undefined ? "" : `, ${formatRate(rate)}`,
      tokens === undefined ? "" : `, ${formatRate(tokens.rate, " tokens")}`,
    ].join(""),
    left:
      rate === undefined || done >= total
        ? ""
        : `, ${formatDuration((total - done) / rate)} left`,
  };
}

/** Tokens a second of the present call; undefined before there is a second report. */
function tokenRate(
  { call }: StageView,
  at: number,
): { readonly progress: TokenProgress; readonly rate: number } | undefined {
  if (call === undefined) return undefined;
  const { progress, from } = call;
  const seconds = (at - call.at) / 1000;
  return seconds > 0 && progress.done > from
    ? { progress, rate: (progress.done - from) / seconds }
    : undefined;
}

function formatCounts(counts: StageTotals | undefined): string {
  if (counts === undefined) return "";
  const parts = [
    `${counts.accepted} accepted`,
    counts.rejected > 0 ? `${counts.rejected} rejected` : "",
    counts.failed > 0 ? `${counts.failed} failed` : "",
    counts.pending > 0 ? `${counts.pending} pending` : "",
  ].filter((part) => part !== "");
  return ` (${counts.requested} requested: ${parts.join(", ")})`;
}

function formatEvaluation(
  event: Extract<RunEvent, { type: "evaluation-end" }>,
): string {
  const percent = (share: number): string => (100 * share).toFixed(1);
  const { mean, low, high } = event.accuracy;
  const own =
    event.selfReward === undefined
      ? ""
      : `, gives itself ${event.selfReward.toFixed(2)}`;
  return (
    `${event.model}: accuracy ${percent(mean)} % (95 % interval ${percent(low)}–${percent(high)}), ` +
    `true score ${event.score.toFixed(2)}${own}`
  );
}
