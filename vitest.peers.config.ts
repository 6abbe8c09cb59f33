/**
 * @file Tests against the real transformers, TRL and other Python peers.
 *
 * They need a Python with the packages of docs/development.md:
 * `AUTODIDACT_PYTHON`, or `.venv/bin/python`; those of vLLM another one:
 * `AUTODIDACT_VLLM_PYTHON`, or `.venv-vllm/bin/python`. Tests read the variables, which
 * are always set here. Without one they fail with that sentence; they never skip.
 */
import { resolve } from "node:path";
import { defineConfig } from "vitest/config";
import { reporters } from "./vitest.config.js";

export default defineConfig({
  test: {
    reporters,
    pool: "forks",
    include: ["test/peers/**/*.peers.test.ts"],
    globalSetup: ["test/peers-python.ts", "test/build-binary.ts"],
    env: {
      AUTODIDACT_PYTHON: resolve(
        process.env["AUTODIDACT_PYTHON"] ?? ".venv/bin/python",
      ),
      AUTODIDACT_VLLM_PYTHON: resolve(
        process.env["AUTODIDACT_VLLM_PYTHON"] ?? ".venv-vllm/bin/python",
      ),
    },
    maxWorkers: 1,
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
});
