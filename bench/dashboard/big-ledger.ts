/**
 * @file A ledger of any size whose rows look like those of the loop: seeds, prompts written
 * from eight examples each, four answers a prompt, three judge samples an answer, pairs and
 * rejections. The same size and seed give the same rows.
 */
import { join } from "node:path";
import {
  randomStream,
  type RandomStream,
} from "../../src/foundation/random.js";
import { openLedger, type Ledger } from "../../src/ledger/ledger.js";
import type { NewRow, TableName } from "../../src/ledger/records.js";
import type { Stage } from "../../src/ledger/stage.js";

export interface LedgerSize {
  readonly candidates: number;
  readonly seed: number;
}

export const ANSWERS = 4;
export const SAMPLES = 3;
const SEEDS = 175;
const EXAMPLES = 8;
/** Rows of one transaction. */
const CHUNK = 4000;
const VOCABULARY = 20_000;
/** One in so many answers has the word. */
export const RARE = { word: "quokkasaurus", every: 5000 };
const ENDINGS = ["ing", "tion", "er", "ly", "ment", "ous", "al", "ed", "s", ""];
const SYLLABLES = [
  "ba",
  "con",
  "de",
  "fri",
  "gal",
  "ho",
  "in",
  "ju",
  "kel",
  "lo",
  "mar",
  "ne",
  "or",
  "pra",
  "qui",
  "re",
  "sta",
  "tu",
  "un",
  "vi",
];

function vocabulary(random: RandomStream): readonly string[] {
  return Array.from(
    { length: VOCABULARY },
    () =>
      Array.from({ length: 1 + random.integer(3) }, () =>
        random.pick(SYLLABLES),
      ).join("") + random.pick(ENDINGS),
  );
}

/** Writes the ledger of the run folder. */
export function writeBigLedger(folder: string, size: LedgerSize): void {
  const path = join(folder, "ledger.db");
  const ledger = openLedger({ path, mode: "write" });
  ledger.recordRun({
    recipe: { name: "big", verifier: "none" },
    seed: size.seed,
    environment: {
      packageVersion: "bench",
      nodeVersion: process.version,
      onnxruntimeVersion: "none",
      machine: "bench",
      gitCommit: null,
    },
  });
  const random = randomStream(size.seed, "big-ledger");
  const words = vocabulary(random);
  // The square of a uniform number is near enough to how often words are used.
  const sentence = (length: number): string =>
    Array.from(
      { length },
      () => words[Math.floor(VOCABULARY * random.next() ** 3)] ?? "",
    ).join(" ");
  new BigLedger(ledger, random, sentence).write(size.candidates);
  ledger.finish();
  ledger.close();
}

class BigLedger {
  readonly #ledger: Ledger;
  readonly #random: RandomStream;
  readonly #sentence: (length: number) => string;

  constructor(
    ledger: Ledger,
    random: RandomStream,
    sentence: (length: number) => string,
  ) {
    this.#ledger = ledger;
    this.#random = random;
    this.#sentence = sentence;
  }

  write(candidates: number): void {
    const prompts = Math.ceil(candidates / ANSWERS);
    this.#rows("seeds", "seed_tasks", SEEDS, (i) => ({
      key: `${i}`,
      kind: "ift" as const,
      origin: "seeds.jsonl",
      instruction: this.#sentence(12),
    }));
    this.#rows("M0/base", "models", 2, (i) => ({
      key: `M${i}`,
      name: `M${i}`,
      path: `models/M${i}`,
      weightHash: `${i}`,
    }));
    this.#prompts(prompts);
    this.#rows("round-1/candidates", "candidates", candidates, (i) => ({
      key: `${i}`,
      promptId: 1 + Math.floor(i / ANSWERS),
      modelId: 1 + (i % 2),
      sampleIndex: i % ANSWERS,
      text: `${this.#sentence(10 + this.#random.integer(30))}${i % RARE.every === 7 ? ` ${RARE.word}` : ""}`,
      tokens: 5 + this.#random.integer(200),
      finishReason: i % 9 === 0 ? ("length" as const) : ("stop" as const),
      mergedCount: 1 + (i % 3),
    }));
    this.#rows("round-1/judgements", "judgements", SAMPLES * candidates, (i) =>
      this.#judgement(i),
    );
    this.#rows("round-1/pairs", "pairs", prompts, (i) => {
      const [one, other] = [5 * this.#random.next(), 5 * this.#random.next()];
      const [chosenScore, rejectedScore] = [
        Math.max(one, other),
        Math.min(one, other),
      ];
      return {
        key: `${i}`,
        promptId: i + 1,
        chosenId: i * ANSWERS + 1,
        rejectedId: i * ANSWERS + 2,
        chosenScore,
        rejectedScore,
        margin: chosenScore - rejectedScore,
      };
    });
    this.#rows("round-1/refused", "rejections", prompts, (i) => ({
      key: `${i}`,
      subject: "prompt",
      text: this.#sentence(12),
      rule: this.#random.pick(["novelty", "length", "keyword", "duplicate"]),
      nearestTable: "seed_tasks" as const,
      nearestId: 1 + this.#random.integer(SEEDS),
      score: this.#random.next(),
    }));
  }

  #judgement(i: number): NewRow<"judgements"> {
    const malformed = i % 50 === 0;
    const rationale = this.#sentence(20);
    const score = 5 * this.#random.next();
    return {
      key: `${i}`,
      candidateId: 1 + Math.floor(i / SAMPLES),
      judge: "self",
      judgeModelId: 2,
      sampleIndex: i % SAMPLES,
      raw: malformed ? rationale : `${rationale}\nScore: ${score.toFixed(1)}`,
      rationale: malformed ? null : rationale,
      kind: malformed ? "malformed" : "score",
      score: malformed ? null : score,
      variance: malformed ? null : this.#random.next(),
      constrained: i % 20 === 1,
    };
  }

  #prompts(count: number): void {
    this.#stage("round-1/prompts", count, (stage, from, to) => {
      const rows = Array.from({ length: to - from }, (_, i) => {
        const text = this.#sentence(12);
        return {
          key: `${from + i}`,
          text,
          origin: "generated" as const,
          modelId: 1,
          sources: Array.from({ length: EXAMPLES }, (_, place) =>
            place < 6 || from === 0
              ? { seedTaskId: 1 + this.#random.integer(SEEDS) }
              : { sourcePromptId: 1 + this.#random.integer(from) },
          ),
        };
      });
      stage.insertPrompts(rows);
    });
  }

  #rows<T extends TableName>(
    name: string,
    table: T,
    count: number,
    row: (index: number) => NewRow<T>,
  ): void {
    this.#stage(name, count, (stage, from, to) => {
      const rows = Array.from({ length: to - from }, (_, i) => row(from + i));
      stage.insert(table, rows);
    });
  }

  #stage(
    name: string,
    count: number,
    write: (stage: Stage, from: number, to: number) => void,
  ): void {
    const stage = this.#ledger.stage(name, name);
    for (let from = 0; from < count; from += CHUNK)
      write(stage, from, Math.min(count, from + CHUNK));
    stage.complete({
      requested: count,
      accepted: count,
      rejected: 0,
      failed: 0,
    });
  }
}
