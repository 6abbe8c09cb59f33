/**
 * @file Twenty steps beside the real TRL: from the same weights, over the same rows, the
 * embedded trainer logs what TRL logged (scripts/fixtures/training-curves.py).
 */
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../invariants/tiny-model.js";
import {
  CURVES,
  expectSameCurve,
  followCurve,
  readCurve,
} from "./training-curve.js";

const folder = temporaryFolder();

describe.each(CURVES)("%s", (name) => {
  it("follows TRL step by step", async () => {
    const curve = readCurve(`test/fixtures/training/${name}.json`);
    expect(curve.steps).toHaveLength(20);
    const ours = await followCurve(curve, `${folder()}/${name}`);
    expectSameCurve(ours, curve.steps);
  });
});
