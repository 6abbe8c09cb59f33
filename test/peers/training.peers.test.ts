/**
 * @file Twenty steps beside the TRL that is installed: the curves are made anew, must be
 * those of the committed fixtures, and the embedded trainer must follow them.
 */
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  CURVES,
  expectSameCurve,
  followCurve,
  readCurve,
} from "../golden/training-curve.js";

const python = process.env["AUTODIDACT_PYTHON"] ?? "";
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "training-peers-"));
  await promisify(execFile)(
    python,
    ["scripts/fixtures/training-curves.py", "--out", folder],
    { maxBuffer: 1 << 26 },
  );
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe.each(CURVES)("%s", (name) => {
  it("is trained by the installed TRL as by the one of the fixture", () => {
    const [live, kept] = [folder, "test/fixtures/training"].map((at) =>
      readCurve(join(at, `${name}.json`)),
    );
    expect(live?.rows).toEqual(kept?.rows);
    expectSameCurve(live?.steps ?? [], kept?.steps ?? []);
  });

  it("is followed by the embedded trainer", async () => {
    const curve = readCurve(join(folder, `${name}.json`));
    expectSameCurve(
      await followCurve(curve, join(folder, `${name}-ours`)),
      curve.steps,
    );
  });
});
