import { expect, test } from "vitest";
import { failureOf, temporaryLedgerPath } from "../../test/ledger/support.js";
import { manualClock } from "../foundation/clock.js";
import { type Ledger, openLedger } from "./ledger.js";
import type { Stage } from "./stage.js";

/** Opens the ledger at `path` as a new process would, for one action. */
function withLedger<T>(path: string, action: (ledger: Ledger) => T): T {
  const ledger = openLedger({ path, mode: "write", clock: manualClock(0) });
  try {
    return action(ledger);
  } finally {
    ledger.close();
  }
}

const BALANCED = { requested: 4, accepted: 2, rejected: 1, failed: 1 };

/** A run with stage `seeds` complete and stage `prompts` begun. */
function halfDoneRun(): string {
  const path = temporaryLedgerPath();
  withLedger(path, (ledger) => {
    ledger
      .stage("seeds", "h1")
      .complete({ ...BALANCED, output: { hash: "abc" } });
    ledger.stage("prompts", "h2");
  });
  return path;
}

test("a replayed run finds its complete stages done, with their output, and the open one open", () => {
  withLedger(halfDoneRun(), (ledger) => {
    const seeds = ledger.stage("seeds", "h1");
    expect([seeds.done, seeds.output]).toEqual([true, { hash: "abc" }]);
    const prompts = ledger.stage("prompts", "h2");
    expect([prompts.done, prompts.output]).toEqual([false, null]);
    prompts.complete(BALANCED);
    expect(ledger.stage("candidates", "h3").done).toBe(false);
  });
});

test("a stage asked for under another name than recorded stops the run, naming both", () => {
  withLedger(halfDoneRun(), (ledger) => {
    ledger.stage("seeds", "h1");
    const failure = failureOf(() => ledger.stage("candidates", "h2"));
    expect(failure.code).toBe("LEDGER");
    expect(failure.message).toContain('recorded stage "prompts"');
    expect(failure.message).toContain('asks for stage "candidates"');
  });
});

test("a stage asked for with other inputs than recorded stops the run, naming both", () => {
  withLedger(halfDoneRun(), (ledger) => {
    const failure = failureOf(() => ledger.stage("seeds", "h9"));
    expect(failure.code).toBe("LEDGER");
    expect(failure.message).toContain("h1");
    expect(failure.message).toContain("h9");
  });
});

test("a stage cannot begin while the one before is open, nor inside a transaction, nor twice", () => {
  withLedger(halfDoneRun(), (ledger) => {
    ledger.stage("seeds", "h1");
    expect(failureOf(() => ledger.stage("seeds", "h1")).message).toContain(
      "twice",
    );
    expect(
      failureOf(() => ledger.transaction(() => ledger.stage("prompts", "h2")))
        .message,
    ).toContain("inside a transaction");
    ledger.stage("prompts", "h2");
    expect(failureOf(() => ledger.stage("candidates", "h3")).message).toContain(
      '"prompts" is not complete',
    );
    expect(ledger.counts().map(({ name }) => name)).toEqual([
      "seeds",
      "prompts",
    ]);
  });
});

test("a run finishes only when every recorded stage was asked for and is complete", () => {
  const path = halfDoneRun();
  withLedger(path, (ledger) => {
    ledger.recordRun({
      recipe: {},
      seed: 1,
      environment: {
        packageVersion: "",
        nodeVersion: "",
        onnxruntimeVersion: "",
        machine: "",
        gitCommit: null,
      },
    });
    ledger.stage("seeds", "h1");
    expect(
      failureOf(() => {
        ledger.finish();
      }).message,
    ).toContain('stage "prompts"');
    const prompts = ledger.stage("prompts", "h2");
    expect(
      failureOf(() => {
        ledger.finish();
      }).message,
    ).toContain("not complete");
    expect(ledger.run()?.finished).toBeNull();
    prompts.complete(BALANCED);
    ledger.finish();
    expect(ledger.run()?.finished).toBe("1970-01-01T00:00:00.000Z");
  });
});

test("counts that do not balance end the stage with IMBALANCE and leave it open", () => {
  withLedger(temporaryLedgerPath(), (ledger) => {
    const stage = ledger.stage("seeds", "h");
    for (const counts of [
      { requested: 5, accepted: 2, rejected: 1, failed: 1 },
      { requested: 3, accepted: 2, rejected: 1, failed: 1 },
      { requested: 4, accepted: 5, rejected: -1, failed: 0 },
      { requested: 1, accepted: 0.5, rejected: 0.5, failed: 0 },
      { requested: Number.NaN, accepted: 0, rejected: 0, failed: 0 },
    ]) {
      const failure = failureOf(() => {
        stage.complete(counts);
      });
      expect(failure.code).toBe("IMBALANCE");
      expect(failure.message).toContain('"seeds"');
    }
    expect(stage.done).toBe(false);
    stage.complete({ requested: 0, accepted: 0, rejected: 0, failed: 0 });
    expect(stage.done).toBe(true);
  });
});

test("progress is visible as pending, and may not account for more than was requested", () => {
  withLedger(temporaryLedgerPath(), (ledger) => {
    const stage = ledger.stage("seeds", "h");
    stage.progress({ requested: 10, accepted: 3, rejected: 2, failed: 1 });
    expect(ledger.counts()).toEqual([
      {
        name: "seeds",
        status: "open",
        requested: 10,
        accepted: 3,
        rejected: 2,
        failed: 1,
        // 10 − 3 − 2 − 1
        pending: 4,
        rows: 0,
        begun: "1970-01-01T00:00:00.000Z",
        completed: null,
        seconds: 0,
      },
    ]);
    const tooMany = { requested: 10, accepted: 11, rejected: 0, failed: 0 };
    expect(
      failureOf(() => {
        stage.progress(tooMany);
      }).code,
    ).toBe("IMBALANCE");
  });
});

test("a complete stage takes rows it has, and neither new ones nor a second end", () => {
  withLedger(temporaryLedgerPath(), (ledger) => {
    const stage = ledger.stage("seeds", "h");
    const row = {
      key: "a",
      kind: "ift",
      origin: "f",
      instruction: "Do.",
    } as const;
    const ids = stage.insert("seed_tasks", [row]);
    stage.complete({ requested: 1, accepted: 1, rejected: 0, failed: 0 });
    expect(stage.insert("seed_tasks", [row])).toEqual(ids);
    expect(
      failureOf(() => stage.insert("seed_tasks", [{ ...row, key: "b" }])).code,
    ).toBe("LEDGER");
    expect(stage.count("seed_tasks")).toBe(1);
    expect(
      failureOf(() => {
        stage.complete(BALANCED);
      }).code,
    ).toBe("LEDGER");
    expect(
      failureOf(() => {
        stage.progress(BALANCED);
      }).code,
    ).toBe("LEDGER");
  });
});

test("working time adds up over processes, the time between them left out", () => {
  const path = temporaryLedgerPath();
  const clock = manualClock();
  const begin = (): { ledger: Ledger; stage: Stage } => {
    const ledger = openLedger({ path, mode: "write", clock });
    return { ledger, stage: ledger.stage("seeds", "h") };
  };
  const earlier = begin();
  clock.advance(3000);
  earlier.stage.insert("seed_tasks", [
    { key: "a", kind: "ift", origin: "f", instruction: "Do a." },
  ]);
  earlier.ledger.close();

  clock.advance(60_000);
  const later = begin();
  clock.advance(2000);
  later.stage.complete({ requested: 1, accepted: 1, rejected: 0, failed: 0 });
  clock.advance(1000);
  expect(later.ledger.counts()).toMatchObject([{ name: "seeds", seconds: 5 }]);
  later.ledger.close();
});
