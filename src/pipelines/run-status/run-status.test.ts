import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openLedger } from "../../ledger/ledger.js";
import { ENVIRONMENT } from "../../../test/ledger/support.js";
import { readRunStatus } from "./run-status.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "autodidact-status-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Leaves a run whose stages of these names are done. */
function runWith(names: readonly string[]): void {
  const ledger = openLedger({ path: join(folder, "ledger.db"), mode: "write" });
  ledger.recordRun({ recipe: {}, seed: 1, environment: ENVIRONMENT });
  for (const name of names) {
    const stage = ledger.stage(name, "h");
    if (!stage.done)
      stage.complete({ requested: 1, accepted: 1, rejected: 0, failed: 0 });
  }
  ledger.close();
}

const report = (value: unknown): void => {
  writeFileSync(join(folder, "report.json"), JSON.stringify(value));
};
const ended = (): string | null | undefined => readRunStatus(folder)[0]?.ended;
const GATE = {
  judgeAccuracy: 0.5,
  threshold: 0.8,
  forced: false,
  sentence: "",
};
const refused = { gate: { ...GATE, passed: false }, stop: null };

test("a run that the gate refused has ended, until a round is begun after all", () => {
  runWith(["M1/evaluation"]);
  expect(ended()).toBeNull();
  report(refused);
  expect(ended()).toBe("the judge did not pass the gate");
  runWith(["M1/evaluation", "round-1/prompts"]);
  expect(ended()).toBeNull();
});

test("a run that its stop rule ended says which model is kept", () => {
  runWith(["round-1/pairs", "judge-swap"]);
  report({
    gate: { ...GATE, passed: true },
    stop: { kept: "M1", reasons: [] },
  });
  expect(ended()).toBe("the stop rule ended the run; M1 is kept");
});
