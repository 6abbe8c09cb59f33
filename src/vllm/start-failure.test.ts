import { describe, expect, it } from "vitest";
import { lastProgress, startFailure } from "./start-failure.js";

/** Lines as vLLM 0.32 writes them. */
const LOGS = {
  "damaged weights":
    "(Worker pid=9) ERROR 11-30 20:23:18 [multiproc_executor.py:5] safetensors_rust.SafetensorError: Error while deserializing header: incomplete metadata, file not fully covered",
  "missing module":
    "/usr/bin/python3: Error while finding module specification for 'vllm.entrypoints.openai.api_server' (ModuleNotFoundError: No module named 'vllm')",
  "no GPU":
    "RuntimeError: Failed to infer device type, please set the environment variable",
  "no memory for the cache":
    "ValueError: To serve at least one request with the model's max seq len (131072), 16.00 GiB KV cache is needed, which is larger than the available KV cache memory (9.10 GiB).",
  "out of memory":
    "(EngineCore pid=9) torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB.",
  "port taken": "OSError: [Errno 98] Address already in use",
  "unknown argument": "api_server.py: error: unrecognized arguments: --fast",
  "disk full": "OSError: [Errno 28] No space left on device: '/dev/shm/x'",
} as const;

const LAST =
  "\nRuntimeError: Engine core initialization failed. See root cause above. Failed core proc(s): {}\n";

describe("why a server did not start", () => {
  it.each(Object.entries(LOGS))("finds: %s", (name, line) => {
    const failure = startFailure(`INFO started\n${line}${LAST}`);
    expect(failure.name).toBe(name);
    expect(failure.remedy).not.toBe("Its log says more.");
    expect(failure.cause).toBe(
      `${line.replace(/^\([^)]*\) ?(ERROR .*?\] )?/, "").replace(/[.:]*$/, "")}.`,
    );
  });

  it("tells the first error where no row fits, and that nothing was written", () => {
    const follows =
      "Exception: WorkerProc initialization failed due to an exception in a background process.";
    expect(startFailure(`${follows}\nValueError: odd${LAST}`)).toMatchObject({
      name: "unknown",
      cause: "ValueError: odd.",
    });
    expect(startFailure("").cause).toBe("it wrote nothing.");
  });

  it("makes what a log says harmless, and short", () => {
    const { cause } = startFailure(`KeyError: \u001b[2J${"a".repeat(9999)}`);
    expect(cause).not.toContain("\u001b");
    expect(cause.length).toBeLessThan(400);
  });

  it.each([
    [
      "(Worker pid=7) INFO 11-30 20:23:18 [loader.py:5] Loading weights took 3.1 seconds",
      "Loading weights took 3.1 seconds",
    ],
    [
      "Loading safetensors checkpoint shards:  35% Completed | 7/20 [00:30<01:10,  5.41s/it]",
      "Loading safetensors checkpoint shards: 35% Completed | 7/20 [00:30<01:10, 5.41s/it]",
    ],
    [
      "(EngineCore pid=3) INFO 12-01 01:32:51 [core.py:133] Initializing a V1 LLM engine (v0.32.0) with config: model='m', tokenizer='m'",
      "Initializing a V1 LLM engine (v0.32.0)",
    ],
  ])("knows how far it is beside what else is said: %s", (line, told) => {
    const noise =
      "  wrapper = lookup(vars(value))\n(EngineCore pid=3) INFO 12-01 01:32:52 [omp.py:185] \treserved_cpus=[]\n   █▄█▀ ▀▀▀\n\n";
    expect(lastProgress(`${line}\n${noise}`)).toBe(told);
  });

  it("says nothing of a log that only tells of settings", () => {
    const settings =
      "Triton is installed, but has no CPU backend.\n(APIServer pid=3) WARNING 12-01 01:32:01 [vllm.py:17] Enforce eager set, disabling torch.compile";
    expect(lastProgress(settings)).toBe("");
  });
});
