/**
 * @file A program that stands where Python would: it reads a job as the Python side does,
 * tells a row a step and leaves the base's own weights as its result.
 */
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface Script {
  /** Steps told before it ends itself by SIGKILL, once. */
  readonly diesAfter?: number;
  /** What it leaves as `failure.json` instead of a result. */
  readonly failure?: object;
  /** Added to the hash that `done.json` names of the weights. */
  readonly spoils?: string;
  /** Milliseconds a step. */
  readonly slow?: number;
}

/** Writes the program into `folder`; its path stands for a Python. */
export function scriptedTrainer(folder: string, script: Script = {}): string {
  const path = join(folder, "python.mjs");
  writeFileSync(path, `#!${process.execPath}\n${source(script)}`);
  chmodSync(path, 0o755);
  return path;
}

const source = (script: Script): string => `
import { createHash } from "node:crypto";
import { appendFileSync, copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
const script = ${JSON.stringify(script)};
const folder = process.argv.at(-1);
const at = (name) => folder + "/" + name;
const rows = (name) => readFileSync(at(name), "utf8").split("\\n").filter(Boolean).map((line) => JSON.parse(line));
appendFileSync(folder + "/../starts", process.argv.slice(2, -1).join(" ") + "\\n");
const job = JSON.parse(readFileSync(at("job.json"), "utf8"));
if (script.failure) {
  writeFileSync(at("failure.json"), JSON.stringify(script.failure));
  process.exit(1);
}
let stopped = false;
process.on("SIGTERM", () => { stopped = true; });
const done = existsSync(at("metrics.jsonl")) ? rows("metrics.jsonl").length : 0;
for (const { step, rate, rehearsal } of rows("plan.jsonl")) {
  if (rehearsal || step <= done) continue;
  await setTimeout(script.slow ?? 0);
  if (stopped) process.exit(75);
  appendFileSync(at("metrics.jsonl"), JSON.stringify({ step, loss: 1 / step, grad_norm: 1, learning_rate: rate, num_tokens: step }) + "\\n");
  if (done === 0 && step === script.diesAfter) process.kill(process.pid, "SIGKILL");
}
mkdirSync(at("result"), { recursive: true });
copyFileSync(job.base + "/model.safetensors", at("result/model.safetensors"));
const hash = createHash("sha256").update(readFileSync(at("result/model.safetensors"))).digest("hex");
const scores = rows("proof.jsonl").map(() => -1);
writeFileSync(at("done.partial"), JSON.stringify({ job: job.hash, weights: { "model.safetensors": hash + (script.spoils ?? "") }, scores }));
renameSync(at("done.partial"), at("done.json"));
`;
