/**
 * @file Tests against the real transformers, TRL and other Python peers.
 *
 * They need a Python with the packages of docs/development.md:
 * `AUTODIDACT_PYTHON`, or `.venv/bin/python`. Without one they fail with that
 * sentence; they never skip themselves.
 */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { defineConfig } from "vitest/config";
import { AutodidactError } from "./src/foundation/error.js";
import { reporters } from "./vitest.config.js";

const python = resolve(process.env["AUTODIDACT_PYTHON"] ?? ".venv/bin/python");
if (!existsSync(python)) {
  throw new AutodidactError(
    "BAD_INPUT",
    `The peer tests need a Python interpreter and ${python} does not exist. ` +
      "Set AUTODIDACT_PYTHON to one with the packages listed in docs/development.md.",
    { path: python },
  );
}

export default defineConfig({
  test: {
    reporters,
    pool: "forks",
    include: ["test/peers/**/*.peers.test.ts"],
    globalSetup: ["test/build-binary.ts"],
    env: { AUTODIDACT_PYTHON: python },
    maxWorkers: 1,
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
});
