/**
 * @file One round of the loop over a simulated vLLM, by the built program, and what its
 * two generating stages took.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { randomStream } from "../../src/foundation/random.js";
import { ROOT } from "../../test/resume/recipe-files.js";
import { BINARY } from "../../test/resume/run-recipe.js";
import { writeTinyRecipe } from "../../test/resume/tiny-run.js";

export const SIMULATED = join(ROOT, "bench/engines/simulated-vllm.mjs");

const PROMPTS = 768;
/** A word of the nursery that nothing here needs. */
const SPARE_WORD = "useful";
/** By the most tokens of an answer requests are told apart. */
export const STAGES = { candidates: 400, judgements: 160 } as const;
export type StageName = keyof typeof STAGES;

/** Of a kind of request, see simulated-vllm.mjs; sums over steps. */
export interface Occupancy {
  readonly steps: number;
  readonly ran: number;
  readonly waited: number;
}

export interface LoopRun {
  /** The server's folder, with `requests.jsonl`. */
  readonly server: string;
  readonly seconds: Readonly<Record<StageName, number>>;
  readonly occupancy: Readonly<Record<StageName, Occupancy>>;
}

/** A model with room for long answers, cut files and a recipe; the recipe's path. */
export async function writeLoop(folder: string): Promise<string> {
  const model = join(folder, "m0");
  await mkdir(folder, { recursive: true });
  await cp(join(ROOT, "nursery/m0"), model, { recursive: true });
  const config = join(model, "config.json");
  const text = await readFile(config, "utf8");
  await writeFile(config, text.replace(/("max_position_\w+": )256/, "$11024"));
  // A judge's score stands on a line of its own, for which the nursery has no token.
  const tokenizer = join(model, "tokenizer.json");
  const words = await readFile(tokenizer, "utf8");
  await writeFile(tokenizer, words.replace(`"${SPARE_WORD}"`, '"\\n"'));
  const random = randomStream(1, "bench");
  const prompts = Array.from({ length: PROMPTS }, () => {
    const letters = Array.from({ length: 8 }, () =>
      String.fromCharCode(97 + random.integer(26)),
    );
    return JSON.stringify({ prompt: `write ${letters.join(" ")} in reverse` });
  });
  await writeFile(join(folder, "prompts.jsonl"), `${prompts.join("\n")}\n`);
  return writeTinyRecipe(folder, {
    ...{ name: "bench", rounds: 1, base: "./m0" },
    teaching: { epochs: 1, promptWritingRows: 0 },
    prompts: { file: "prompts.jsonl", count: PROMPTS },
    candidates: { n: 4, maxTokens: STAGES.candidates },
    judge: { reward: "samples", samples: 1, maxTokens: STAGES.judgements },
    stop: { judgeFloor: null, minimumPairs: null, lengthRatio: null },
    engine: {
      generate: { kind: "vllm", python: SIMULATED, gpus: 0 },
      // What plays vLLM computes nothing of the model.
      train: { kind: "embedded", tolerance: 1e6 },
    },
  });
}

/** Runs the recipe in a new folder as far as its pairs. */
export async function runLoop(recipe: string, run: string): Promise<LoopRun> {
  const child = spawn(
    process.execPath,
    [BINARY, "run", recipe, "--run-dir", run, "--quiet", "--device", "cpu"],
    { stdio: "inherit" },
  );
  const ended = once(child, "close");
  const path = join(run, "run.log");
  const log = () => readFile(path, "utf8").catch(() => "");
  while (!(await log()).includes(`"stage-start","stage":"round-1/train"`)) {
    if (child.exitCode !== null) throw new Error(`${run} ended too early`);
    await sleep(200);
  }
  child.kill("SIGINT");
  await ended;
  const told = await log();
  const seconds = (stage: StageName): number => {
    const end = new RegExp(
      `"stage-end","stage":"round-1/${stage}".*"seconds":([\\d.]+)`,
    ).exec(told);
    if (end === null) throw new Error(`${run} has no end of ${stage}`);
    return Number(end[1]);
  };
  // M0's server measures it; M1's answers and judges.
  for (const name of await readdir(join(run, "servers"))) {
    const server = join(run, "servers", name);
    const seen = await readFile(join(server, "occupancy.json"), "utf8");
    const found = JSON.parse(seen) as Record<string, Occupancy>;
    const { [STAGES.candidates]: candidates, [STAGES.judgements]: judgements } =
      found;
    if (candidates === undefined || judgements === undefined) continue;
    return {
      server,
      seconds: {
        candidates: seconds("candidates"),
        judgements: seconds("judgements"),
      },
      occupancy: { candidates, judgements },
    };
  }
  throw new Error(`${run} has no server that was asked`);
}
