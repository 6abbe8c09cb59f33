#!/usr/bin/env node
/**
 * Plays a vLLM server of realistic latencies for the benchmark: the same command line and
 * paths, continuous batching, and answers of random length that end in a score.
 *
 * A step of the engine takes STEP_MS and a little for each sequence in it, and longer by
 * what it takes to read the prompts that enter with it; each sequence in it gets a token.
 * About an 8B model on one H100: 256 sequences, 11,000 tokens/s. In its folder it leaves
 * `requests.jsonl`, what it was asked, and on SIGTERM `occupancy.json`: of each kind of
 * request (told apart by max_tokens) the steps under way with its tokens, and in them the
 * mean number of sequences that ran and that waited.
 */
import { createWriteStream, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";

const SEQUENCES = 256;
const STEP_MS = 10;
const SEQUENCE_MS = 0.05;
const PROMPT_TOKENS_PER_MS = 25;

const args = process.argv.slice(2);
const option = (name) => args[args.indexOf(`--${name}`) + 1];
const name = option("served-model-name");
const key = /api-key: (\w+)/.exec(readFileSync(option("config"), "utf8"))[1];
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

const hashOf = ({ prompt }) =>
  prompt.reduce((sum, id) => (31 * sum + id) % 2 ** 31, 7);

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
  return [...ids, ...last, 1].slice(0, most);
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
        choices[index] = {
          index,
          text: "",
          finish_reason: ids.at(-1) === 1 ? "stop" : "length",
          token_ids: ids,
          logprobs: {
            token_logprobs: ids.map(() => -0.5),
            top_logprobs: ids.map(() =>
              Object.fromEntries(
                (body.logprob_token_ids ?? []).map((id) => [
                  `token_id:${id}`,
                  -((hashOf(body) + 7919 * id) % 97) / 20,
                ]),
              ),
            ),
          },
          prompt_logprobs:
            body.prompt_logprobs === undefined
              ? null
              : body.prompt.map((id) => ({ [id]: { logprob: -1 } })),
        };
        if (--left === 0) respond({ choices });
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

createServer((request, response) => {
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    const send = (status, value) => {
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify(value));
    };
    if (request.url === "/health") return send(200, {});
    if (request.headers.authorization !== `Bearer ${key}`)
      return send(401, { error: "Unauthorized" });
    if (request.url === "/v1/models")
      return send(200, { object: "list", data: [{ id: name }] });
    ask(JSON.parse(Buffer.concat(chunks).toString("utf8")), (answer) =>
      send(200, answer),
    );
  });
}).listen(Number(option("port")), option("host"));

process.on("SIGTERM", () => {
  writeFileSync("occupancy.json", JSON.stringify(occupancy));
  requests.end(() => process.exit(0));
});
