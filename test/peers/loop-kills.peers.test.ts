/**
 * @file The loop over vLLM and TRL while its processes are killed at random: the program,
 * vLLM's server, its engine and workers, torchrun, the trainers and the scripts that look
 * after them. It ends as if nobody had, no two trainings or servers at once, nothing left.
 *
 * vLLM is played, with real TRL in two processes; AUTODIDACT_LOOP_KILLS=20 kills more often
 * than continuous integration has time for, AUTODIDACT_LOOP_VLLM=1 asks real vLLM, whose
 * samples may differ where it asks again in other batches.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { SIMULATED } from "../../bench/engines/loop.js";
import { randomStream } from "../../src/foundation/random.js";
import { readReport } from "../../src/reporting/report-file.js";
import { temporaryFolder } from "../invariants/tiny-model.js";
import { withoutTimings } from "../reporting/without-timings.js";
import { BINARY } from "../resume/run-recipe.js";
import { writeTinyRecipe } from "../resume/tiny-run.js";
import { ended, expectSameFiles, processesOf, TRAINER } from "./killed.js";
import { VLLM_ENVIRONMENT, VLLM_PYTHON } from "./vllm.js";

const KILLS = Number(process.env["AUTODIDACT_LOOP_KILLS"] ?? "3");
const SEED = Number(process.env["AUTODIDACT_LOOP_SEED"] ?? "1");
const REAL = process.env["AUTODIDACT_LOOP_VLLM"] !== undefined;
const PROCESSES = 2;

/** What is killed, by its command line; in a folder of a server is what vLLM started. */
const KINDS = {
  program: /dist\/cli\/main\.js run/,
  server: /--served-model-name/,
  engine: REAL ? /^VLLM::/ : /-e process\.on/,
  torchrun: /torch\.distributed\.run/,
  trainer: TRAINER,
  script: /run\.sh/,
} as const;
type Kind = keyof typeof KINDS;

const PLAYED = { python: SIMULATED, env: { SIMULATED_START_MS: "3000" } };
/** By adapters, which spares the starts of servers for all models but M0 and M1. */
const VLLM = {
  ...{ python: VLLM_PYTHON, lora: "adapter", env: VLLM_ENVIRONMENT },
  args: ["--enforce-eager"],
};

/** Longest wait between finding a victim and killing it. */
const WAIT_MS = REAL ? 60_000 : 6000;

const folder = temporaryFolder();

test(
  `${KILLS} kills of all processes of a loop leave what it leaves undisturbed`,
  { timeout: 7_200_000 },
  async () => {
    const memory = sharedMemory();
    const left = join(folder(), "left");
    const played = writeRecipe("played", PLAYED);
    const whole = start(played, left);
    expect(await whole.ended, whole.said()).toBe(0);

    const recipe = REAL ? writeRecipe("real", VLLM) : played;
    const random = randomStream(SEED, "loop-kills");
    const killed = new Map<Kind, number>();
    const kills = () => [...killed.values()].reduce((sum, n) => sum + n, 0);
    const stops: string[] = [];
    for (let runs = 0; kills() < KILLS; runs++) {
      const run = join(folder(), `killed-${runs}`);
      for (let code: number | null = null; code !== 0;) {
        const program = start(recipe, run);
        while (kills() < KILLS) {
          const kind = random.pick(leastKilled(killed));
          if (!(await waitFor(run, kind, program))) break;
          await sleep(random.integer(WAIT_MS));
          const victims = processesOf(run, KINDS[kind]);
          if (victims.length === 0 || !kill(random.pick(victims).pid)) continue;
          killed.set(kind, (killed.get(kind) ?? 0) + 1);
          process.stderr.write(`${kills()}: ${kind}\n`);
        }
        code = await program.ended;
        // After several losses in a row it gives up, and says so.
        if (code !== null && code !== 0)
          stops.push(program.said().trim().split("\n").at(-1) ?? "");
      }
      await expectLike(run, left);
      await nothingLeft(run);
    }
    expect(sharedMemory().filter((name) => !memory.includes(name))).toEqual([]);
    const told = { killed: Object.fromEntries(killed), stops };
    process.stderr.write(`${JSON.stringify(told)}\n`);
  },
);

function writeRecipe(name: string, generate: object): string {
  const place = join(folder(), `${name}-recipe`);
  mkdirSync(place);
  return writeTinyRecipe(place, {
    preference: { epochs: 4, lora: { rank: 8, keepAdapter: true } },
    saveEvery: 5,
    engine: {
      generate: { kind: "vllm", gpus: 0, ...generate },
      train: {
        ...{ kind: "trl", python: process.env["AUTODIDACT_PYTHON"] },
        ...{ processesPerNode: PROCESSES, strategy: "ddp", device: "cpu" },
        // What plays vLLM computes nothing of the model.
        ...(generate === PLAYED ? { tolerance: 1e6 } : {}),
      },
    },
  });
}

function leastKilled(killed: ReadonlyMap<Kind, number>): Kind[] {
  const kinds = Object.keys(KINDS) as Kind[];
  const least = Math.min(...kinds.map((kind) => killed.get(kind) ?? 0));
  return kinds.filter((kind) => (killed.get(kind) ?? 0) === least);
}

type Program = ReturnType<typeof start>;

/** Runs or continues the recipe in a folder. */
function start(recipe: string, run: string) {
  const child = spawn(
    process.execPath,
    [BINARY, "run", recipe, "--run-dir", run, "--quiet", "--device", "cpu"],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  let lives = true;
  const end = ended(child).finally(() => {
    lives = false;
  });
  return { ended: end, lives: () => lives, said: () => said };
}

/** Waits for one to kill, and looks for too many trainers; false when the program ends. */
async function waitFor(
  run: string,
  kind: Kind,
  program: Program,
): Promise<boolean> {
  for (; program.lives(); await sleep(100)) {
    expect(processesOf(run, TRAINER).length).toBeLessThanOrEqual(PROCESSES);
    if (processesOf(run, KINDS[kind]).length > 0) return true;
  }
  return false;
}

function kill(pid: number): boolean {
  try {
    return process.kill(pid, "SIGKILL");
  } catch {
    return false;
  }
}

/** The same rows, models and report, timings aside. */
async function expectLike(run: string, expected: string): Promise<void> {
  if (REAL) {
    // Before its answers are trained on, whoever generates has no part in the weights.
    expectSameFiles(join(run, "models/M1"), join(expected, "models/M1"));
    return;
  }
  for (const name of ["datasets", "answers", ...modelsOf(expected)])
    expectSameFiles(join(run, name), join(expected, name));
  expect(await reportOf(run)).toEqual(await reportOf(expected));
}

function modelsOf(run: string): string[] {
  return readdirSync(join(run, "models"))
    .filter((name) => existsSync(join(run, "models", name, "config.json")))
    .map((name) => join("models", name));
}

async function reportOf(run: string) {
  return withoutTimings(
    await readReport(join(run, "report.json"), "self-rewarding"),
  );
}

/** Neither processes, nor the records of servers that ran. */
async function nothingLeft(run: string): Promise<void> {
  for (let waited = 0; waited < 50 && processesOf(run).length > 0; waited++)
    await sleep(100);
  expect(processesOf(run)).toEqual([]);
  const servers = join(run, "servers");
  expect(
    readdirSync(servers).filter((name) =>
      existsSync(join(servers, name, "server.json")),
    ),
  ).toEqual([]);
}

/** Names of segments and semaphores that Python makes. */
function sharedMemory(): string[] {
  return readdirSync("/dev/shm").filter((name) => /^(psm_|sem\.)/.test(name));
}
