import { expect, test } from "vitest";
import {
  armsReport,
  gatedReport,
  goodReport,
} from "../../../test/reporting/sample-reports.js";
import { percent, signed } from "../../text/number-words.js";
import { runLine, runLines } from "./run-line.js";

const report = goodReport();
const [first, last] = [report.models[1], report.models.at(-1)];

test("a run in one line says both ends and the change with its interval", () => {
  const gain = report.gains.find(
    ({ from, to }) => from === first?.id && to === last?.id,
  )?.accuracy;
  const [before, after] = [
    first?.accuracy?.mean ?? 0,
    last?.accuracy?.mean ?? 0,
  ];
  expect(runLine(report)).toBe(
    `${first?.id} ${percent(before)} → ${last?.id} ${percent(after)} right, ${signed((after - before) * 100, 1)} points [${((gain?.low ?? 0) * 100).toFixed(1)}, ${((gain?.high ?? 0) * 100).toFixed(1)}]`,
  );
});

test("a run that ended early says why, and one without a verifier that it was not verified", () => {
  expect(runLine(gatedReport())).toMatch(
    /^M1 \d+\.\d % right; the judge did not pass the gate$/u,
  );
  const stop = { kept: "M1", reasons: [] };
  expect(runLine({ ...report, stop })).toMatch(/right; stopped, M1 is kept$/u);
  const unverified = report.models.map((model) => ({
    ...model,
    accuracy: null,
  }));
  expect(runLine({ ...report, models: unverified })).toBe(
    `M1 → ${last?.id}, not verified`,
  );
  expect(runLine({ ...report, models: [] })).toBe("no model yet");
});

test("a comparison has a line for each arm and seed, in the order of the recipe", () => {
  const arms = armsReport();
  expect(
    runLines(arms).map((line) => line.slice(0, line.indexOf(":"))),
  ).toEqual(
    arms.arms.flatMap(({ name, runs }) =>
      runs.map(({ seed }) => `${name}, seed ${seed}`),
    ),
  );
  expect(runLines(report)).toEqual([
    `${report.name}, seed ${report.seed}: ${runLine(report)}`,
  ]);
});
