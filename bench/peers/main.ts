/**
 * @file Side by side with the peers: the same weights, the same rows, the same machine,
 * one process at a time, rounds in alternating order.
 *
 *   npx tsx bench/peers/main.ts [--rounds N] [--size 6M] [--task sft] [--runner ours] [--threads 1] [--continue] [--profile]
 *
 * Needs AUTODIDACT_PYTHON with .ci/requirements.txt, test/peers/llama-cpp and
 * bench/peers/transformers-js installed (see their package.json), and
 * AUTODIDACT_ONNX_PYTHON with what bench/peers/onnx-export.py names.
 * Writes docs/results/peers.json after every measurement and docs/results/peers.md from
 * it at the end. `--continue` adds rounds to what is there; the filters choose what is
 * measured. `--profile` adds where our own time goes.
 */
import { execFile, execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { cpus, tmpdir, totalmem } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs, promisify } from "node:util";
import { AutodidactError } from "../../src/foundation/error.js";
import type {
  Answer,
  Finding,
  Measurement,
  MeasurementRequest,
  Runner,
  Task,
  Variant,
} from "./measurement.js";
import { onnxFolder, requireOneModel } from "./onnx-export.js";
import { renderPage, type Results } from "./page.js";
import type { Profile } from "./profile.js";
import {
  BATCH_SIZE,
  CANDIDATES,
  LORA,
  makeWorkload,
  NEW_TOKENS,
  SIZES,
  SPECIAL_TOKENS,
  timedTokens,
  type Size,
} from "./workload.js";

const WORK = join(tmpdir(), "autodidact-bench-peers");
const RESULTS = resolve("docs/results/peers.json");
const PAGE = resolve("docs/results/peers.md");
const PYTHON = process.env["AUTODIDACT_PYTHON"] ?? ".venv/bin/python";
const ONNX_PYTHON =
  process.env["AUTODIDACT_ONNX_PYTHON"] ?? ".venv-onnx/bin/python";

/** What is measured of a size, in the order of a round. */
function variantsOf(size: Size): Variant[] {
  const variant =
    (task: Task) =>
    ([runner, setting]: readonly [Variant["runner"], string]): Variant => ({
      task,
      size: size.name,
      runner,
      setting,
    });
  const training = [
    ["ours", "float32"],
    ...(size.lora ? ([["ours", "int8 base"]] as const) : []),
    ["TRL", "float32"],
    ["TRL", "bf16 autocast"],
    ["TRL", "bf16 weights"],
  ] as const;
  const generation = [
    ["ours", "float32"],
    ["ours", "int8"],
    ["transformers", "float32"],
    ["transformers", "bf16 weights"],
    ["transformers.js", "fp32"],
    ["transformers.js", "q8"],
    ["llama.cpp", "f32"],
    ["llama.cpp", "q8_0"],
  ] as const;
  return [
    ...training.map(variant("sft")),
    ...training.map(variant("dpo")),
    ...generation.map(variant("generate")),
  ];
}

function command(runner: Runner): readonly string[] {
  const script = (name: string) => [
    process.execPath,
    "--import",
    "tsx",
    `bench/peers/${name}.ts`,
  ];
  switch (runner) {
    case "ours":
      return script("ours");
    case "llama.cpp":
      return script("llama-cpp");
    case "transformers.js":
      return script("transformers-js");
    case "TRL":
    case "transformers":
      return [PYTHON, "bench/peers/peer.py"];
  }
}

async function call<T = Answer>(
  [program = "", ...given]: readonly string[],
  request: object,
): Promise<T> {
  const { stdout } = await promisify(execFile)(
    program,
    [...given, JSON.stringify(request)],
    { maxBuffer: 1 << 26 },
  );
  const line = stdout.trim().split("\n").at(-1) ?? "";
  try {
    return JSON.parse(line) as T;
  } catch (cause) {
    throw new AutodidactError(
      "BAD_INPUT",
      `A measurement ended without a result: ${line.slice(0, 200)}`,
      { program },
      { cause },
    );
  }
}

/** Makes the checkpoint and the rows of a size once. */
async function prepare(size: Size): Promise<string> {
  const folder = join(WORK, size.name);
  await mkdir(WORK, { recursive: true });
  await writeFile(`${folder}.json`, JSON.stringify(makeWorkload(size)));
  if (!existsSync(join(folder, "model.safetensors")))
    await call([PYTHON, "bench/peers/peer.py"], {
      task: "make",
      size,
      folder,
      specials: SPECIAL_TOKENS,
    });
  return folder;
}

async function requestOf(
  size: Size,
  variant: Variant,
): Promise<MeasurementRequest> {
  const folder = await prepare(size);
  return {
    task: variant.task,
    setting: variant.setting,
    folder,
    workload: `${folder}.json`,
    warmup: size.steps.warmup,
    batchSize: BATCH_SIZE,
    newTokens: NEW_TOKENS,
    candidates: CANDIDATES,
    threads,
    lora: size.lora ? LORA : null,
  };
}

const comparedOnnx = new Set<Size>();

/** Makes the ONNX export of a size, and once a run compares it with the checkpoint. */
async function prepareOnnx(size: Size): Promise<void> {
  if (comparedOnnx.has(size)) return;
  const folder = await prepare(size);
  const output = onnxFolder(folder);
  if (!existsSync(output))
    await call([ONNX_PYTHON, "bench/peers/onnx-export.py"], { folder, output });
  const check = async (runner: Runner, setting: string): Promise<Finding> => {
    const variant: Variant = {
      task: "generate",
      size: size.name,
      runner,
      setting,
    };
    return call<Finding>(command(runner), {
      ...(await requestOf(size, variant)),
      task: "check",
    });
  };
  requireOneModel(
    await check("ours", "float32"),
    await check("transformers.js", "fp32"),
  );
  comparedOnnx.add(size);
}

async function measure(size: Size, variant: Variant): Promise<Measurement> {
  if (variant.runner === "transformers.js") await prepareOnnx(size);
  const answer = await call(
    command(variant.runner),
    await requestOf(size, variant),
  );
  const rates: Record<string, number> = {};
  const processorRates: Record<string, number> = {};
  const { seconds, processor } = answer;
  if (
    variant.task !== "generate" &&
    seconds !== undefined &&
    processor !== undefined
  ) {
    const tokens = timedTokens(size, variant.task, makeWorkload(size));
    rates["training"] = tokens / seconds;
    processorRates["training"] = tokens / processor;
  }
  for (const name of ["batch", "candidates"] as const) {
    const made = answer[name];
    if (made === undefined) continue;
    rates[name] = made.tokens / made.seconds;
    processorRates[name] = made.tokens / made.processor;
  }
  return {
    ...variant,
    threads,
    rates,
    processorRates,
    peakMiB: answer.peakMiB,
    greedy: answer.batch?.ids ?? [],
  };
}

function origin(): Results["origin"] {
  const git = (...given: string[]) =>
    execFileSync("git", given, { encoding: "utf8" }).trim();
  const versions = execFileSync(
    PYTHON,
    [
      "-c",
      "import torch,transformers,trl,peft;print(f'torch {torch.__version__}, transformers {transformers.__version__}, TRL {trl.__version__}, PEFT {peft.__version__}')",
    ],
    { encoding: "utf8" },
  ).trim();
  return {
    commit: git("rev-parse", "--short=12", "HEAD"),
    date: new Date().toISOString().slice(0, 10),
    machine: `${cpus()[0]?.model.trim() ?? "unknown"}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB; Node ${process.version}`,
    versions,
  };
}

const { values: options } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    size: { type: "string" },
    task: { type: "string" },
    runner: { type: "string" },
    threads: { type: "string", default: String(cpus().length) },
    continue: { type: "boolean", default: false },
    profile: { type: "boolean", default: false },
  },
});
const threads = Number(options.threads);
const known =
  options.continue && existsSync(RESULTS)
    ? (JSON.parse(await readFile(RESULTS, "utf8")) as Results)
    : null;
const measurements: Measurement[] = [...(known?.measurements ?? [])];
const profiles: Profile[] = [...(known?.profiles ?? [])];
const results: Results = { origin: origin(), measurements, profiles };
for (let round = 0; round < Number(options.rounds); round++) {
  for (const size of SIZES) {
    if (options.size !== undefined && options.size !== size.name) continue;
    const variants = variantsOf(size).filter(
      ({ task, runner }) =>
        (options.task ?? task) === task &&
        (options.runner ?? runner) === runner,
    );
    for (const variant of round % 2 === 0 ? variants : variants.reverse()) {
      const measured = await measure(size, variant);
      measurements.push(measured);
      const { task, runner, setting, rates, peakMiB } = measured;
      console.log(
        `${size.name} ${task} ${runner} ${setting}: ${JSON.stringify(rates)} tokens/s, ${peakMiB.toFixed(0)} MiB`,
      );
      await writeFile(RESULTS, `${JSON.stringify(results, null, 1)}\n`);
    }
  }
}
if (options.profile) {
  for (const size of SIZES) {
    if (options.size !== undefined && options.size !== size.name) continue;
    for (const variant of variantsOf(size)) {
      const { runner, task, setting } = variant;
      if (runner !== "ours" || task === "dpo") continue;
      if ((options.task ?? task) !== task) continue;
      const told = await call<Pick<Profile, "seconds" | "operators">>(
        command(runner),
        { ...(await requestOf(size, variant)), profile: true },
      );
      profiles.push({ ...told, task, size: size.name, setting });
      await writeFile(RESULTS, `${JSON.stringify(results, null, 1)}\n`);
    }
  }
}
await writeFile(
  PAGE,
  renderPage(results, await readFile("bench/peers/remarks.md", "utf8")),
);
