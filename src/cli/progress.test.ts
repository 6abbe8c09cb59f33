/**
 * @file What a person sees while a run works: lines off a terminal, a bar on one.
 */
import { PassThrough } from "node:stream";
import { describe, expect, test, vi } from "vitest";
import type { RunEvent } from "../events/run-event.js";
import type { Preparation } from "../training/trainer.js";
import { createProgress } from "./progress.js";
import { liveLine } from "./progress-display.js";

function plain({ quiet = false } = {}): {
  emit: (event: RunEvent) => void;
  at: (seconds: number) => void;
  lines: () => string[];
} {
  let text = "";
  let clock = 0;
  const progress = createProgress({
    stream: { write: (chunk: string) => ((text += chunk), true) },
    quiet,
    now: () => clock,
  });
  return {
    emit: progress.onEvent,
    at: (seconds) => {
      clock = seconds * 1000;
    },
    lines: () => text.split("\n").slice(0, -1),
  };
}

const start: RunEvent = {
  type: "stage-start",
  stage: "s",
  title: "Judging",
};
const done = (count: number, total = 200): RunEvent => ({
  type: "stage-progress",
  stage: "s",
  done: count,
  total,
  unit: "answers",
});
const end: RunEvent = {
  type: "stage-end",
  stage: "s",
  title: "Judging",
  seconds: 75,
  counts: { requested: 200, accepted: 190, rejected: 8, failed: 2, pending: 0 },
};

describe("off a terminal", () => {
  test("a long stage gives a line per 10 % with rate and time left", () => {
    const view = plain();
    view.emit(start);
    view.emit(done(0));
    view.at(10);
    view.emit(done(19)); // 9 %
    view.emit(done(20)); // 10 %: 2/s, 180 left are 90 s
    view.emit(done(21)); // still 10 %
    view.at(30);
    view.emit(done(60)); // 30 %, one line for two tens
    view.at(100);
    view.emit(done(200));
    expect(view.lines()).toEqual([
      "Judging: 10 % (20/200 answers), 2.0/s, 1 min 30 s left",
      "Judging: 30 % (60/200 answers), 2.0/s, 1 min 10 s left",
      "Judging: 100 % (200/200 answers), 2.0/s",
    ]);
  });

  test("a model at work is heard in tokens, long before its first answer", () => {
    const view = plain();
    const tokens = (count: number, expected = 1000): void => {
      view.emit({ type: "token-progress", done: count, expected });
    };
    view.emit(start);
    view.emit(done(0));
    tokens(0, 0);
    view.at(10);
    tokens(50);
    view.at(20);
    tokens(150); // 100 in 10 s, 850 left
    view.at(60);
    view.emit(done(100));
    tokens(550);
    expect(view.lines()).toEqual([
      "Judging: loading the model …",
      "Judging: 15 % (0/200 answers), 10.0 tokens/s, 1 min 25 s left",
      "Judging: 55 % (100/200 answers), 10.0 tokens/s, 45 s left",
    ]);
  });

  test("what a training does before its first step is told as it begins", () => {
    const view = plain();
    const prepare = (
      doing: Preparation["doing"],
      pairs = 0,
      total = 0,
    ): void => {
      view.emit({
        type: "preparation",
        stage: "s",
        doing,
        done: pairs,
        total,
      });
    };
    view.emit(start);
    prepare("loading the model");
    prepare("loading the model");
    prepare("weighing the reference", 0, 40);
    view.at(10);
    prepare("weighing the reference", 20, 40);
    view.at(20);
    prepare("computing the first step");
    expect(view.lines()).toEqual([
      "Judging: loading the model …",
      "Judging: weighing the reference: 50 % (20/40 pairs), 2.0/s, 10 s left",
      "Judging: computing the first step …",
    ]);
  });

  test("in a run, a stage that is silent for long says that its model is at work", () => {
    const view = plain();
    view.emit({
      type: "run-start",
      folder: "f",
      recipe: "r",
      seed: 1,
      resumed: false,
    });
    view.emit(start);
    for (let second = 1; second <= 65; second++) {
      view.at(second);
      view.emit({ type: "token-progress", done: 20 * second, expected: 5000 });
    }
    expect(view.lines()).toEqual([
      "Starting r in f, seed 1",
      expect.stringContaining("20.0 tokens/s"),
      expect.stringContaining("20.0 tokens/s"),
    ]);
  });

  test("steps that are read at once have no rate", () => {
    const view = plain();
    view.emit(start);
    view.at(5);
    for (const count of [10, 20, 50]) view.emit(done(count));
    view.at(15);
    view.emit(done(100)); // 50 in 10 s, 100 left
    expect(view.lines()).toEqual([
      "Judging: 10 % (20/200 answers)",
      "Judging: 25 % (50/200 answers)",
      "Judging: 50 % (100/200 answers), 5.0/s, 20 s left",
    ]);
  });

  test("what is waited for is told again only in other words", () => {
    const view = plain();
    view.emit(start);
    for (let second = 0; second <= 120; second += 5) {
      view.at(second);
      const message = second < 60 ? "vLLM starts" : "vLLM loads weights";
      view.emit({ type: "wait-progress", message });
    }
    expect(view.lines()).toEqual([
      "Judging: vLLM starts …",
      "Judging: vLLM loads weights …",
    ]);
  });

  test("a stage within two seconds gives no line", () => {
    const view = plain();
    view.emit(start);
    view.emit(done(0));
    view.at(1.9);
    view.emit(done(200));
    view.emit(end);
    expect(view.lines()).toEqual([]);
  });

  test("work found in the ledger does not inflate the rate", () => {
    const view = plain();
    view.emit(start);
    view.emit(done(100)); // from an earlier process: 50 %
    view.at(10);
    view.emit(done(120)); // 20 in 10 s
    expect(view.lines()).toEqual([
      "Judging: 60 % (120/200 answers), 2.0/s, 40 s left",
    ]);
  });

  test("a run tells each stage's end and its counts, however short", () => {
    const view = plain();
    view.emit({
      type: "run-start",
      folder: "runs/a",
      recipe: "nursery",
      seed: 1,
      resumed: false,
    });
    view.emit({ type: "stage-reuse", stage: "m1", title: "Training M1" });
    view.emit(start);
    view.emit(end);
    view.emit({
      type: "evaluation-end",
      model: "M1",
      accuracy: { mean: 0.5, low: 0.456, high: 0.544 },
      score: 2.5,
      selfReward: 3.21,
    });
    expect(view.lines()).toEqual([
      "Starting nursery in runs/a, seed 1",
      "Training M1: already done",
      "Judging: done in 1 min 15 s (200 requested: 190 accepted, 8 rejected, 2 failed)",
      "M1: accuracy 50.0 % (95 % interval 45.6–54.4), true score 2.50, gives itself 3.21",
    ]);
  });

  test("training counts in steps", () => {
    const view = plain();
    view.emit({ type: "stage-start", stage: "t", title: "Training M1" });
    const step = (number: number): RunEvent => ({
      type: "training-step",
      stage: "t",
      totalSteps: 10,
      recorded: false,
      metrics: {
        step: number,
        loss: 1,
        grad_norm: 1,
        learning_rate: 1,
        num_tokens: 1,
      },
    });
    view.emit(step(1));
    view.at(4);
    view.emit(step(2)); // one step in 4 s: 0.25/s, 8 left are 32 s
    expect(view.lines()).toEqual([
      "Training M1: 20 % (2/10 steps), 0.250/s, 32 s left",
    ]);
  });

  test("steps of an earlier process do not inflate the rate", () => {
    const view = plain();
    view.emit({ type: "stage-start", stage: "t", title: "Training M1" });
    const step = (number: number, recorded: boolean): RunEvent => ({
      type: "training-step",
      stage: "t",
      totalSteps: 100,
      recorded,
      metrics: {
        step: number,
        loss: 1,
        grad_norm: 1,
        learning_rate: 1,
        num_tokens: 1,
      },
    });
    for (let number = 1; number <= 50; number++) view.emit(step(number, true));
    view.at(10);
    for (let number = 51; number <= 60; number++)
      view.emit(step(number, false));
    // 10 steps in 10 s; 40 are left.
    expect(view.lines()).toEqual([
      "Training M1: 51 % (51/100 steps), 0.100/s, 8 min 10 s left",
      "Training M1: 60 % (60/100 steps), 1.0/s, 40 s left",
    ]);
  });

  test("quiet silences progress but neither warnings nor forced gates", () => {
    const view = plain({ quiet: true });
    view.emit(start);
    view.at(10);
    view.emit(done(100));
    view.emit(end);
    view.emit({ type: "warning", code: "w", message: "Rewards rise alone." });
    view.emit({
      type: "gate-failed",
      gate: "judge",
      message: "The judge is weak.",
      measured: 0.6,
      required: 0.8,
      forced: true,
    });
    expect(view.lines()).toEqual([
      "Warning: Rewards rise alone.",
      "Warning: The judge is weak. Going on because it was forced.",
    ]);
  });
});

describe("on a terminal", () => {
  const line = {
    title: "M0 is taught on 8400 IFT and EFT rows",
    done: 368,
    total: 1841,
    unit: "steps",
    rate: ", 2.2/s",
    left: ", 11 min 9 s left",
  };
  const numbers = "19 % (368/1841 steps), 2.2/s, 11 min 9 s left";

  test("the bar gives way to the numbers, then the title does", () => {
    const wide = liveLine(line, 120);
    expect(wide).toBe(
      `${line.title} ${"█".repeat(5)}${"░".repeat(19)} ${numbers}`,
    );
    const middle = liveLine(line, 100);
    expect(middle).toHaveLength(99);
    expect(middle.startsWith(`${line.title} █`)).toBe(true);
    expect(middle.endsWith(numbers)).toBe(true);
    const narrow = liveLine(line, 70);
    expect(narrow).toHaveLength(69);
    expect(narrow).toMatch(/^M0 is taught on 8… █░░░ /u);
    expect(narrow.endsWith(numbers)).toBe(true);
  });

  test("a stage with nothing to count yet shows its title", () => {
    const begun = { ...line, done: 0, total: 0, unit: "", rate: "", left: "" };
    expect(liveLine(begun, 80)).toBe(`${line.title} …`);
  });

  test("a bar shows title, count, rate and time left, and leaves the screen", async () => {
    const stream = Object.assign(new PassThrough(), {
      isTTY: true as const,
      columns: 200,
    });
    let clock = 0;
    const progress = createProgress({
      stream,
      quiet: false,
      now: () => clock,
    });
    progress.onEvent(start);
    progress.onEvent(done(0));
    clock = 10_000;
    progress.onEvent(done(50));
    let screen = "";
    stream.on("data", (chunk: Buffer) => (screen += chunk.toString()));
    await vi.waitFor(() => {
      expect(screen).toContain(
        `Judging ${"█".repeat(6)}${"░".repeat(18)} 25 % (50/200 answers), 5.0/s, 30 s left`,
      );
    });
    progress.log("Warning: a line above");
    await vi.waitFor(() => {
      expect(screen).toContain("Warning: a line above\n");
    });
    progress.close();
    await vi.waitFor(() => {
      // The bar is gone and the cursor is back.
      expect(screen.endsWith("\u001b[?25h\u001b[?7h\u001b[1G\u001b[0J")).toBe(
        true,
      );
    });
  });
});
