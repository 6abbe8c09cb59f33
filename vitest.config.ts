/**
 * @file The default tests: no Python, no network, no GPU.
 *
 * Two kinds, one after the other. `unit` tests lie beside their source and run
 * two files at a time. `whole` tests (test/) train models, kill processes and
 * start the built binary, and wait for them more than they compute: two files at a
 * time as well, after the others.
 */
import { defineConfig } from "vitest/config";
import type { ViteUserConfig } from "vitest/config";

/** Where to put machine-readable results, if anywhere; `.ci/run` adds them up. */
const report = process.env["AUTODIDACT_TEST_REPORT"];

export const reporters: NonNullable<
  NonNullable<ViteUserConfig["test"]>["reporters"]
> =
  report === undefined
    ? ["default"]
    : ["default", ["json", { outputFile: report }]];

export default defineConfig({
  test: {
    reporters,
    pool: "forks",
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["src/**/*.test.ts"],
          maxWorkers: 2,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: "whole",
          include: ["test/**/*.test.ts"],
          exclude: ["test/peers/**", "test/fixtures/**"],
          globalSetup: ["test/build-binary.ts"],
          maxWorkers: 2,
          testTimeout: 600_000,
          hookTimeout: 600_000,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
