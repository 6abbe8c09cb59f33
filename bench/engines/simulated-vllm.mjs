#!/usr/bin/env node
/**
 * Plays a vLLM server of realistic latencies: continuous batching, and answers of random
 * length that end in a score, drawn from the request and the served weights.
 *
 * A step of the engine takes STEP_MS and a little for each sequence in it, and longer by
 * what it takes to read the prompts that enter with it; each sequence in it gets a token.
 * About an 8B model on one H100: 256 sequences, 11,000 tokens/s. In its folder it leaves
 * `requests.jsonl`, what it was asked, and on SIGTERM `occupancy.json`: of each kind of
 * request (told apart by max_tokens) the steps under way with its tokens, and in them the
 * mean number of sequences that ran and that waited. SIMULATED_START_MS is how long it
 * takes to start.
 */
import { createHash } from "node:crypto";
import { createWriteStream, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  choiceOf,
  option,
  serve,
  weightsOf,
} from "../../test/vllm/played-server.mjs";

const SEQUENCES = 256;
const STEP_MS = 10;
const SEQUENCE_MS = 0.05;
const PROMPT_TOKENS_PER_MS = 25;

const { vocab } = JSON.parse(
  readFileSync(join(option("model"), "tokenizer.json"), "utf8"),
).model;
const words = Object.entries(vocab)
  .filter(([word]) => /^[a-z]+$/.test(word))
  .map(([, id]) => id);
const requests = createWriteStream("requests.jsonl");

/** The same for the same request, whoever asks. */
function randomNumbers(seed) {
  let state = seed % 4_294_967_291;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Of the weights that are asked, by their folder. */
const weightHashes = new Map();
function weightHash(folder) {
  if (!weightHashes.has(folder)) {
    const name = folder === option("model") ? "model" : "adapter_model";
    const weights = readFileSync(join(folder, `${name}.safetensors`));
    const hash = createHash("sha256").update(weights).digest();
    weightHashes.set(folder, hash.readUInt32BE(0) % 2 ** 31);
  }
  return weightHashes.get(folder);
}

const hashOf = (body) =>
  body.prompt.reduce(
    (sum, id) => (31 * sum + id) % 2 ** 31,
    weightHash(weightsOf(body)),
  );

/** Ids of an answer: words, a score, the end; half of them are shorter than a third of the most. */
function answerOf(body, index) {
  const random = randomNumbers((body.seed ?? 0) + hashOf(body) + 7919 * index);
  for (let i = 0; i < 4; i++) random();
  const normal =
    Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const most = body.max_tokens;
  const length = Math.round((most / 3) * Math.exp(0.6 * normal));
  const last = ["\n", "score", ":", String(Math.floor(6 * random()))]
    .map((word) => vocab[word])
    .filter((id) => id !== undefined);
  const ids = Array.from(
    { length: Math.max(0, length - 5) },
    () => words[Math.floor(random() * words.length)],
  );
  const end = body.stop_token_ids?.[0] ?? 1;
  return [...ids, ...last, end].slice(0, most);
}

/** Sequences that wait, first come first served, and those that run. */
const waiting = [];
let running = [];
const occupancy = {};

function ask(body, respond) {
  requests.write(`${JSON.stringify(body)}\n`);
  const n = body.n ?? 1;
  const choices = [];
  let left = n;
  for (let index = 0; index < n; index++) {
    const ids = answerOf(body, index);
    waiting.push({
      kind: body.max_tokens,
      left: ids.length,
      // Samples of one prompt read it once.
      reads: index === 0 ? body.prompt.length : 0,
      end: () => {
        choices[index] = choiceOf(
          body,
          index,
          ids,
          (id) => -((hashOf(body) + 7919 * id) % 97) / 20,
        );
        if (--left === 0) respond(choices);
      },
    });
  }
}

let due = 0;
function step() {
  let read = 0;
  while (running.length < SEQUENCES && waiting.length > 0) {
    const next = waiting.shift();
    read += next.reads;
    running.push(next);
  }
  const idle = running.length === 0;
  const duration = idle
    ? 1
    : STEP_MS + SEQUENCE_MS * running.length + read / PROMPT_TOKENS_PER_MS;
  const now = performance.now();
  due = Math.max(due, now - duration) + duration;
  setTimeout(() => {
    for (const kind of new Set(running.map((each) => each.kind))) {
      const seen = (occupancy[kind] ??= { steps: 0, ran: 0, waited: 0, ms: 0 });
      seen.steps++;
      seen.ran += running.length;
      seen.waited += waiting.length;
      seen.ms += duration;
    }
    running = running.filter((each) => {
      if (--each.left > 0) return true;
      each.end();
      return false;
    });
    step();
  }, due - now);
}
step();

setTimeout(
  () => serve({ answer: ask }),
  Number(process.env.SIMULATED_START_MS ?? 0),
);

process.on("SIGTERM", () => {
  writeFileSync("occupancy.json", JSON.stringify(occupancy));
  requests.end(() => process.exit(0));
});
