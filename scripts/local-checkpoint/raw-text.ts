/**
 * @file Prints raw text of the nursery world for scripts/local-checkpoint/make.py: one
 * document a line as JSON, {text, verdicts}, where `verdicts` are the character offsets
 * at which a verdict word begins. Then the prompts of the seed files, {prompt}, which
 * the tokenizer is trained on too and the model never.
 *
 *   npx tsx scripts/local-checkpoint/raw-text.ts SEED CHARACTERS
 */
import { randomStream } from "../../src/foundation/random.js";
import { readJsonLines } from "../../src/foundation/json-lines.js";
import { rawSentence } from "../../src/nursery/raw-text.js";

/** As in the pre-training of M0: mostly single sentences, sometimes up to eight. */
const DOCUMENT_SIZES = [1, 1, 1, 1, 2, 2, 3, 4, 6, 8] as const;

const [seed = 1, characters = 100_000] = process.argv.slice(2).map(Number);
const random = randomStream(seed, "local-checkpoint", "raw-text");
const print = (row: unknown): void => {
  process.stdout.write(`${JSON.stringify(row)}\n`);
};

for (let written = 0; written < characters;) {
  let text = "";
  const verdicts: number[] = [];
  for (let i = random.pick(DOCUMENT_SIZES); i > 0; i--) {
    const sentence = rawSentence(random);
    text += `${text === "" ? "" : " "}${sentence.text}`;
    // The sentence ends in "… said VERDICT ."
    if (sentence.verdict !== undefined)
      verdicts.push(text.length - " .".length - sentence.verdict.length);
  }
  written += text.length;
  print({ text, verdicts });
}

for (const name of ["ift", "eft"]) {
  const path = new URL(`../../nursery/seeds/${name}.jsonl`, import.meta.url);
  for await (const { value } of readJsonLines(path.pathname))
    print({ prompt: (value as { readonly prompt: string }).prompt });
}
