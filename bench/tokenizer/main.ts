/**
 * @file The Rust tokenizers against the JavaScript port of them, in the same process:
 * alternating rounds over the same texts, medians, and their ratio.
 *
 *     npx tsx bench/tokenizer/main.ts JS_LIBRARY [CHECKPOINT]
 *
 * JS_LIBRARY is the main file of `@huggingface/tokenizers`, which comes with the peers:
 * `npm ci --prefix bench/peers/transformers-js`, then
 * `bench/peers/transformers-js/node_modules/@huggingface/tokenizers/dist/tokenizers.mjs`.
 * The texts are long and short ones in two languages; CHECKPOINT is the nursery's base
 * model when absent.
 */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { openTokenizer } from "../../src/checkpoints/tokenizer/tokenizer.js";
import { quantile } from "../../src/foundation/statistics.js";

interface JsTokenizer {
  encode(
    text: string,
    options: { readonly add_special_tokens: boolean },
  ): { readonly ids: number[] };
  decode(
    ids: number[],
    options: { readonly skip_special_tokens: boolean },
  ): string;
}

const ROUNDS = 15;
const TEXTS = 400;
const SENTENCES = [
  "write one new task like these : reverse the letters of the word .",
  "The sea is 3,000 m deep here, isn't it? Count the words: one two three.",
  "请用一句话说明为什么海水是咸的。",
];

const [library = "", folder = "nursery/m0"] = process.argv.slice(2);
const { Tokenizer } = (await import(pathToFileURL(resolve(library)).href)) as {
  readonly Tokenizer: new (
    definition: unknown,
    settings: unknown,
  ) => JsTokenizer;
};
const read = (name: string): unknown =>
  JSON.parse(readFileSync(join(folder, name), "utf8"));
const port = new Tokenizer(
  read("tokenizer.json"),
  read("tokenizer_config.json"),
);
const rust = await openTokenizer(folder);

const plain = { addSpecialTokens: false };
const texts = Array.from({ length: TEXTS }, (_, i) =>
  Array.from(
    { length: i % 4 === 0 ? 24 : 2 },
    (_each, j) => SENTENCES[(i + j) % SENTENCES.length],
  ).join(" "),
);
const ids = await Promise.all(texts.map((text) => rust.encode(text, plain)));

/** What is measured, by what does it; each goes over all texts once. */
const work: Readonly<
  Record<string, Readonly<Record<"port" | "rust", () => unknown>>>
> = {
  "encode, all at once": {
    port: () =>
      texts.map((text) => port.encode(text, { add_special_tokens: false })),
    rust: () => Promise.all(texts.map((text) => rust.encode(text, plain))),
  },
  "encode, one after another": {
    port: () =>
      texts.map((text) => port.encode(text, { add_special_tokens: false })),
    rust: async () => {
      for (const text of texts) await rust.encode(text, plain);
    },
  },
  decode: {
    port: () =>
      ids.map((row) => port.decode(row, { skip_special_tokens: true })),
    rust: () => Promise.all(ids.map((row) => rust.decode(row))),
  },
};

for (const [what, { port: old, rust: now }] of Object.entries(work)) {
  const taken = { port: [] as number[], rust: [] as number[] };
  for (let round = 0; round < ROUNDS; round++)
    for (const [name, run] of [
      ["port", old],
      ["rust", now],
    ] as const) {
      const started = performance.now();
      await run();
      taken[name].push(((performance.now() - started) * 1000) / TEXTS);
    }
  const [port50, rust50] = [taken.port, taken.rust].map((times) =>
    quantile(
      times.toSorted((a, b) => a - b),
      0.5,
    ),
  ) as [number, number];
  console.log(
    `${what}: JavaScript ${port50.toFixed(1)} µs a text, Rust ${rust50.toFixed(1)} µs, ${(port50 / rust50).toFixed(2)} times as fast`,
  );
}
