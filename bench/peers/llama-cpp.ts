/**
 * @file llama.cpp's side of bench/peers, through node-llama-cpp: 64 sequences decoded as
 * one batch, greedily.
 *
 *   npx tsx bench/peers/llama-cpp.ts '<request as JSON>'
 *
 * Needs test/peers/llama-cpp installed (see its package.json). The GGUF file is made by
 * our export from the same checkpoint.
 */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { openCheckpoint } from "../../src/checkpoints/checkpoint.js";
import { exportGguf } from "../../src/checkpoints/gguf.js";
import type { GgmlType } from "../../src/checkpoints/gguf-file.js";
import type { Generated, MeasurementRequest } from "./measurement.js";
import type { Workload } from "./workload.js";

const LIBRARY = resolve(
  "test/peers/llama-cpp/node_modules/node-llama-cpp/dist/index.js",
);

/** The parts of node-llama-cpp that are used. */
interface LlamaSequence {
  evaluate(
    tokens: readonly number[],
    options: { temperature: number; yieldEogToken: boolean },
  ): AsyncIterable<number>;
  clearHistory(): Promise<void>;
}
interface LlamaModel {
  createContext(options: object): Promise<{
    getSequence(): LlamaSequence;
    dispose(): Promise<void>;
  }>;
  dispose(): Promise<void>;
}
interface Llama {
  loadModel(options: object): Promise<LlamaModel>;
  dispose(): Promise<void>;
}

const request = JSON.parse(process.argv[2] ?? "") as MeasurementRequest;
const workload = JSON.parse(
  await readFile(request.workload, "utf8"),
) as Workload;
const checkpoint = await openCheckpoint(request.folder);
const path = `${request.folder}.${request.setting}.gguf`;
if (!existsSync(path))
  await exportGguf({ checkpoint, path, type: request.setting as GgmlType });

const library = (await import(pathToFileURL(LIBRARY).href)) as {
  getLlama(options: object): Promise<Llama>;
};
const llama = await library.getLlama({
  build: "never",
  gpu: false,
  maxThreads: request.threads,
  logLevel: "error",
});
const model = await llama.loadModel({ modelPath: path });
const prompts = workload.prompts.map((prompt) =>
  checkpoint.tokenizer.encode(prompt, { addSpecialTokens: false }),
);
const context = await model.createContext({
  sequences: prompts.length,
  contextSize: 128,
  batchSize: 2048,
  threads: request.threads,
});
const sequences = prompts.map(() => context.getSequence());

async function run(): Promise<Generated> {
  const started = performance.now();
  const before = process.cpuUsage();
  const rows = await Promise.all(
    prompts.map(async (prompt, i) => {
      const tokens: number[] = [];
      const options = { temperature: 0, yieldEogToken: true };
      const sequence = sequences[i] as LlamaSequence;
      for await (const token of sequence.evaluate(prompt, options)) {
        tokens.push(token);
        if (tokens.length === request.newTokens) break;
      }
      return tokens;
    }),
  );
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(before);
  await Promise.all(sequences.map((sequence) => sequence.clearHistory()));
  return {
    seconds,
    processor: (user + system) / 1e6,
    tokens: rows.reduce((sum, row) => sum + row.length, 0),
    ids: rows.slice(0, 2),
  };
}

await run();
const batch = await run();
process.stdout.write(
  `${JSON.stringify({ batch, peakMiB: process.resourceUsage().maxRSS / 1024 })}\n`,
);
await context.dispose();
await model.dispose();
await llama.dispose();
