/**
 * @file What is worked out of other tables to be sorted by: how many prompts came of a
 * seed task, and what a verifier says of the answers of a pair.
 *
 * Invariant: the values of a column are those of the ledger when `catchUp` was called.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import { decodeBeginning } from "../../ledger/codecs.js";
import type { StoredTables } from "../../ledger/stored-tables.js";
import { GrowingColumn } from "./growing-column.js";
import type { PromptGraph } from "./prompt-graph.js";
import type { ComputedColumn } from "./table-specs.js";

/** 0 … 5, of an answer to a prompt; null where nobody knows. */
export type TrueScore = (
  prompt: string,
  answer: string,
  finished: boolean,
) => number | null;

/** Characters of a prompt and of an answer that the verifier is given. */
const LONGEST = 20_000;
const PAIRS_AT_ONCE = 50;
const SOURCES_AT_ONCE = 20_000;
/** Bytes that the seeds behind all prompts may take; beyond them only children are counted. */
const MOST_BYTES = 1 << 26;

export interface ComputedParts {
  readonly ledger: StoredTables;
  readonly graph: PromptGraph;
  readonly truth: TrueScore | null;
}

export class ComputedColumns {
  readonly #parts: ComputedParts;
  readonly #scores = {
    chosen_true_score: new GrowingColumn("number"),
    rejected_true_score: new GrowingColumn("number"),
    true_margin: new GrowingColumn("number"),
  };
  #counts: Readonly<Record<"children" | "descendants", GrowingColumn>> | null =
    null;
  /** Examples that the counts are of. */
  #counted = -1;
  #working: Promise<void> | null = null;

  constructor(parts: ComputedParts) {
    this.#parts = parts;
  }

  /** As far as it is worked out. */
  column(name: ComputedColumn): GrowingColumn | undefined {
    return name === "children" || name === "descendants"
      ? this.#counts?.[name]
      : this.#scores[name];
  }

  upToDate(name: ComputedColumn): boolean {
    const { ledger } = this.#parts;
    return name === "children" || name === "descendants"
      ? this.#counted === ledger.lastId("prompt_sources")
      : this.#scores.true_margin.length === ledger.lastId("pairs");
  }

  async catchUp(name: ComputedColumn, signal?: AbortSignal): Promise<void> {
    while (!this.upToDate(name)) {
      this.#working ??= this.#work(name, signal).finally(() => {
        this.#working = null;
      });
      await this.#working;
    }
  }

  async #work(name: ComputedColumn, signal?: AbortSignal): Promise<void> {
    if (name === "children" || name === "descendants") {
      const sources = await this.#parts.graph.sources();
      const counted = sources.loaded;
      this.#counts = await countDescendants(this.#parts, signal);
      this.#counted = counted;
      return;
    }
    const last = this.#parts.ledger.lastId("pairs");
    while (this.#scores.true_margin.length < last) {
      signal?.throwIfAborted();
      const done = this.#scores.true_margin.length;
      this.#scorePairs(done, Math.min(last, done + PAIRS_AT_ONCE));
      await nextTurn();
    }
  }

  #scorePairs(done: number, until: number): void {
    const ids = Array.from({ length: until - done }, (_, i) => done + 1 + i);
    const scores = trueScores(this.#parts, ids);
    for (const id of ids) {
      const { chosen = null, rejected = null } = scores.get(id) ?? {};
      this.#scores.chosen_true_score.set(id, chosen);
      this.#scores.rejected_true_score.set(id, rejected);
      this.#scores.true_margin.set(
        id,
        chosen === null || rejected === null ? null : chosen - rejected,
      );
    }
  }
}

/** Of the answers of pairs, by the pair. */
function trueScores(
  { ledger, truth }: ComputedParts,
  ids: readonly number[],
): ReadonlyMap<
  number,
  { readonly chosen: number | null; readonly rejected: number | null }
> {
  if (truth === null) return new Map();
  const pairs = ledger.rows("pairs", ids, {
    columns: ["prompt_id", "chosen_id", "rejected_id"].map((name) => ({
      name,
      kind: "integer",
    })),
    longest: 0,
  });
  const prompts = textsById(
    ledger,
    "prompts",
    pairs.map((pair) => Number(pair["prompt_id"])),
  );
  const answers = textsById(
    ledger,
    "candidates",
    pairs.flatMap((pair) => [
      Number(pair["chosen_id"]),
      Number(pair["rejected_id"]),
    ]),
  );
  return new Map(
    pairs.map((pair) => {
      const prompt = prompts.get(Number(pair["prompt_id"]));
      const score = (column: string): number | null => {
        const answer = answers.get(Number(pair[column]));
        return prompt === undefined || answer === undefined
          ? null
          : truth(prompt.text, answer.text, answer.finished);
      };
      return [
        Number(pair["id"]),
        { chosen: score("chosen_id"), rejected: score("rejected_id") },
      ];
    }),
  );
}

function textsById(
  ledger: StoredTables,
  table: "prompts" | "candidates",
  ids: readonly number[],
): ReadonlyMap<number, { readonly text: string; readonly finished: boolean }> {
  const rows = ledger.rows(table, [...new Set(ids)], {
    columns: [
      { name: "text", kind: "text" },
      ...(table === "candidates"
        ? [{ name: "finish_reason", kind: "word" as const }]
        : []),
    ],
    longest: LONGEST,
  });
  return new Map(
    rows.map((row) => [
      Number(row["id"]),
      {
        text: decodeBeginning(String(row["text"])),
        finished: row["finish_reason"] !== "length",
      },
    ]),
  );
}

/** Prompts written from each seed task: directly, and over any number of steps. */
async function countDescendants(
  { ledger, graph }: ComputedParts,
  signal?: AbortSignal,
): Promise<Readonly<Record<"children" | "descendants", GrowingColumn>>> {
  const sources = await graph.sources();
  const seeds = ledger.lastId("seed_tasks");
  const children = new Int32Array(seeds + 1);
  const descendants = new Int32Array(seeds + 1);
  const behind = seedSets(seeds, ledger.lastId("prompts"));
  const [prompts, seedIds, parents] = (
    ["prompt_id", "seed_task_id", "source_prompt_id"] as const
  ).map((name) => sources.column(name));
  const lastPrompt = new Int32Array(seeds + 1);
  for (let row = 1; row <= sources.loaded; row++) {
    if (row % SOURCES_AT_ONCE === 0) {
      signal?.throwIfAborted();
      await nextTurn();
    }
    const prompt = prompts?.at(row) ?? NaN;
    const seed = seedIds?.at(row) ?? NaN;
    if (Number.isNaN(seed)) behind?.addAll(prompt, parents?.at(row) ?? NaN);
    else {
      if (lastPrompt[seed] !== prompt)
        children[seed] = (children[seed] ?? 0) + 1;
      lastPrompt[seed] = prompt;
      behind?.add(prompt, seed);
    }
  }
  behind?.countInto(descendants);
  const column = (counts: Int32Array | null): GrowingColumn => {
    const made = new GrowingColumn("integer");
    for (let id = 1; id <= seeds; id++) made.set(id, counts?.[id] ?? null);
    return made;
  };
  return {
    children: column(children),
    descendants: column(behind === null ? null : descendants),
  };
}

/** Sets of seeds, one a prompt, as bits; null where they would take too much. */
function seedSets(seeds: number, prompts: number) {
  const words = Math.ceil((seeds + 1) / 32);
  if (4 * words * (prompts + 1) > MOST_BYTES) return null;
  const bits = new Uint32Array(words * (prompts + 1));
  return {
    add: (prompt: number, seed: number): void => {
      const place = prompt * words + (seed >> 5);
      bits[place] = (bits[place] ?? 0) | (1 << (seed & 31));
    },
    addAll: (prompt: number, from: number): void => {
      for (let word = 0; word < words; word++) {
        const place = prompt * words + word;
        bits[place] = (bits[place] ?? 0) | (bits[from * words + word] ?? 0);
      }
    },
    countInto: (counts: Int32Array): void => {
      for (let place = 0; place < bits.length; place++)
        for (let rest = bits[place] ?? 0; rest !== 0; rest &= rest - 1) {
          const bit = 31 - Math.clz32(rest & -rest);
          const seed = (place % words) * 32 + bit;
          counts[seed] = (counts[seed] ?? 0) + 1;
        }
    },
  };
}
