import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { CRASH_POINTS } from "./crash-point.js";

const MODULE = fileURLToPath(new URL("./crash-point.ts", import.meta.url));

/** Reaches `candidates-chunk` three times, telling each one on standard output. */
const PROGRAM = `
import { crashPoint } from ${JSON.stringify(MODULE)};
import { writeSync } from "node:fs";
try {
  for (let i = 1; i <= 3; i++) {
    writeSync(1, String(i));
    crashPoint("candidates-chunk");
  }
  crashPoint("pairs-written");
  writeSync(1, "end");
} catch (error) {
  writeSync(1, error.code + ": " + error.message);
}
`;

function runWith(crashAt: string | undefined): {
  signal: string | null;
  output: string;
} {
  const { AUTODIDACT_CRASH_AT: _ignored, ...environment } = process.env;
  const child = spawnSync(
    process.execPath,
    ["--import", "tsx", "--input-type=module", "--eval", PROGRAM],
    {
      encoding: "utf8",
      env:
        crashAt === undefined
          ? environment
          : { ...environment, AUTODIDACT_CRASH_AT: crashAt },
    },
  );
  return { signal: child.signal, output: child.stdout };
}

test("does nothing without the variable", () => {
  expect(runWith(undefined)).toEqual({ signal: null, output: "123end" });
});

test("kills the process the first time a named point is reached", () => {
  expect(runWith("candidates-chunk")).toEqual({
    signal: "SIGKILL",
    output: "1",
  });
});

test("kills at the k-th time with NAME:k", () => {
  expect(runWith("candidates-chunk:3")).toEqual({
    signal: "SIGKILL",
    output: "123",
  });
});

test("passes other points by", () => {
  expect(runWith("pairs-written")).toEqual({
    signal: "SIGKILL",
    output: "123",
  });
  expect(runWith("report-written")).toEqual({ signal: null, output: "123end" });
});

test.each(["candidate-chunk", "candidates-chunk:0", "candidates-chunk:x", ""])(
  "refuses %j, which names no point, instead of proving nothing",
  (crashAt) => {
    const { signal, output } = runWith(crashAt);
    expect(signal).toBeNull();
    expect(output).toMatch(
      /^1USAGE: AUTODIDACT_CRASH_AT is ".*" ?, which names no crash point/,
    );
  },
);

test("every point has its own name", () => {
  expect(new Set(CRASH_POINTS).size).toBe(CRASH_POINTS.length);
});
