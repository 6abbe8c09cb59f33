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
import { openCheckpoint } from "../../src/checkpoints/checkpoint.js";
import { exportGguf } from "../../src/gguf/gguf.js";
import type { GgmlType } from "../../src/gguf/gguf-file.js";
import {
  greedyTokens,
  openLlama,
  type LlamaSequence,
} from "../../test/peers/llama-cpp.js";
import type { Generated } from "./measurement.js";
import { now, readRequest, since, tell } from "./runner.js";

const { request, workload } = await readRequest();
const checkpoint = await openCheckpoint(request.folder);
const path = `${request.folder}.${request.setting}.gguf`;
if (!existsSync(path))
  await exportGguf({ checkpoint, path, type: request.setting as GgmlType });

const llama = await openLlama(request.threads);
const model = await llama.loadModel({ modelPath: path });
const prompts = await Promise.all(
  workload.prompts.map((prompt) =>
    checkpoint.tokenizer.encode(prompt, { addSpecialTokens: false }),
  ),
);
const context = await model.createContext({
  sequences: prompts.length,
  contextSize: 128,
  batchSize: 2048,
  threads: request.threads,
});
const sequences = prompts.map(() => context.getSequence());

async function run(): Promise<Generated> {
  const started = now();
  const rows = await Promise.all(
    prompts.map((prompt, i) =>
      greedyTokens(sequences[i] as LlamaSequence, prompt, request.newTokens),
    ),
  );
  const taken = since(started);
  await Promise.all(sequences.map((sequence) => sequence.clearHistory()));
  return {
    ...taken,
    tokens: rows.reduce((sum, row) => sum + row.length, 0),
    ids: rows.slice(0, 2),
  };
}

await run();
tell({ batch: await run() });
await context.dispose();
await model.dispose();
await llama.dispose();
