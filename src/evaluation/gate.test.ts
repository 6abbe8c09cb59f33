import { expect, test } from "vitest";
import { judgeGate } from "./gate.js";

test("the gate passes at its threshold", () => {
  const gate = judgeGate({ judgeAccuracy: 0.8, threshold: 0.8, forced: true });
  expect(gate).toMatchObject({ passed: true, forced: false });
  expect(gate.sentence).toBe(
    "Before the first round the judge ranks the right answer above the corrupted one in 80.0 % of the fixed set; the recipe asks for at least 80 %. The loop may begin.",
  );
});

test("a weak judge does not pass and the sentence says what to do", () => {
  const gate = judgeGate({
    judgeAccuracy: 0.66,
    threshold: 0.8,
    forced: false,
  });
  expect(gate).toMatchObject({ passed: false, forced: false });
  expect(gate.sentence).toContain("66.0 %");
  expect(gate.sentence).toContain("--force");
});

test("force goes on without calling it a pass", () => {
  expect(
    judgeGate({ judgeAccuracy: 0.66, threshold: 0.8, forced: true }),
  ).toMatchObject({ passed: false, forced: true });
});

test("a judge that gave no readable score does not pass", () => {
  expect(
    judgeGate({ judgeAccuracy: null, threshold: 0, forced: false }),
  ).toMatchObject({ passed: false, judgeAccuracy: null });
});
