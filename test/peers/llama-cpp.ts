/**
 * @file The parts of node-llama-cpp that the peer tests and bench/peers use.
 *
 * It is a package of its own in the folder beside this file, because its CUDA parts
 * would weigh down every installation:
 * npm ci --omit=optional --prefix test/peers/llama-cpp
 */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { AutodidactError } from "../../src/foundation/error.js";

const LIBRARY = new URL(
  "llama-cpp/node_modules/node-llama-cpp/dist/index.js",
  import.meta.url,
);

export interface LlamaSequence {
  evaluate(
    tokens: readonly number[],
    options: { temperature: number; yieldEogToken: boolean },
  ): AsyncIterable<number>;
  controlledEvaluate(
    input: readonly [number, { generateNext: object }][],
  ): Promise<readonly ({ next: { token?: number } } | undefined)[]>;
  clearHistory(): Promise<void>;
}

export interface LlamaModel {
  tokenize(text: string, specialTokens: boolean): number[];
  detokenize(tokens: readonly number[], specialTokens: boolean): string;
  createContext(options: object): Promise<{
    getSequence(): LlamaSequence;
    dispose(): Promise<void>;
  }>;
  dispose(): Promise<void>;
}

export interface Llama {
  loadModel(options: object): Promise<LlamaModel>;
  dispose(): Promise<void>;
}

/** llama.cpp on the processor. @throws BAD_INPUT when it is not installed */
export async function openLlama(maxThreads: number): Promise<Llama> {
  if (!existsSync(LIBRARY))
    throw new AutodidactError(
      "BAD_INPUT",
      "llama.cpp is not installed. Run: npm ci --omit=optional --prefix test/peers/llama-cpp",
      { path: fileURLToPath(LIBRARY) },
    );
  const library = (await import(LIBRARY.href)) as {
    getLlama(options: object): Promise<Llama>;
  };
  return library.getLlama({
    build: "never",
    gpu: false,
    maxThreads,
    logLevel: "error",
  });
}

/** What follows `tokens` greedily, `count` tokens at most, the end included. */
export async function greedyTokens(
  sequence: LlamaSequence,
  tokens: readonly number[],
  count: number,
): Promise<number[]> {
  const made: number[] = [];
  const options = { temperature: 0, yieldEogToken: true };
  for await (const token of sequence.evaluate(tokens, options)) {
    made.push(token);
    if (made.length === count) break;
  }
  return made;
}
