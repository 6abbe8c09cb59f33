/**
 * @file A run's memory of answers, so that nothing paid for is lost or bought twice:
 * the ledger's `calls` table.
 */
import { z } from "zod";
import {
  type AnswerStore,
  type StoredAnswer,
  storedAnswerSchema,
} from "../answers/answer-store.js";
import { AutodidactError } from "../foundation/error.js";
import {
  decodeJson,
  encodeJson,
  integerCodec,
  real,
  textCodec,
} from "./codecs.js";
import type { LedgerDatabase, SqlRow } from "./database.js";
import type { Reserve } from "./reserve.js";
import { PROBE } from "./stage-usage.js";

/** What a run has used. */
export interface AnswerTotals {
  /** Answers kept. */
  readonly calls: number;
  readonly tokensIn: number;
  readonly tokensOut: number;
  /** Millionths of a dollar. */
  readonly cost: number;
}

const COLUMNS = [
  "key",
  "model",
  "request",
  "response",
  "tokens_in",
  "tokens_out",
  "cost",
  "stage",
] as const;

export class AnswerTable implements AnswerStore {
  readonly #database: LedgerDatabase;
  readonly #reserve: Reserve;

  /** Made by the ledger only. */
  constructor(database: LedgerDatabase, reserve: Reserve) {
    this.#database = database;
    this.#reserve = reserve;
  }

  get(key: string): StoredAnswer | undefined {
    const row = this.#database.first("SELECT * FROM calls WHERE key = ?", [
      key,
    ]);
    return row && decodeAnswer(row);
  }

  /**
   * Kept as an answer of the stage that is open.
   * @throws STORAGE when the disk is full; while there was a reserve the answer is kept all the same
   */
  put(key: string, answer: StoredAnswer): void {
    try {
      this.#insert(key, answer);
    } catch (cause) {
      const isStorage =
        cause instanceof AutodidactError && cause.code === "STORAGE";
      if (isStorage && this.#reserve.giveUp()) this.#insert(key, answer);
      throw cause;
    }
  }

  /** Takes over every answer of another table, with the stages that asked. */
  takeOver(other: AnswerTable): void {
    for (const row of other.#rows())
      this.#database.run(
        `INSERT INTO calls (${COLUMNS.join(", ")}) VALUES (${COLUMNS.map(() => "?").join(", ")})`,
        COLUMNS.map((column) => row[column] ?? null),
      );
  }

  #insert(key: string, { request, response, usage }: StoredAnswer): void {
    const { model } = request.body;
    const body = {
      body: response,
      cachedPromptTokens: usage.cachedPromptTokens,
    };
    this.#database.run(
      `INSERT INTO calls (${COLUMNS.join(", ")})
       VALUES (?, ?, ?, ?, ?, ?, ?, coalesce((SELECT name FROM stages WHERE completed IS NULL), '${PROBE}'))
       ON CONFLICT (key) DO NOTHING`,
      [
        textCodec.encode(key, "calls.key"),
        textCodec.encode(
          typeof model === "string" ? model : request.endpoint,
          "calls.model",
        ),
        encodeJson(request, "calls.request"),
        encodeJson(body, "calls.response"),
        integerCodec.encode(usage.promptTokens, "calls.tokensIn"),
        integerCodec.encode(usage.completionTokens, "calls.tokensOut"),
        real.encode(usage.costMicros, "calls.cost"),
      ],
    );
  }

  /** Every answer, in the order of their keys; one at a time, so that memory stays flat. */
  *all(): Generator<readonly [key: string, answer: StoredAnswer]> {
    for (const row of this.#rows())
      yield [String(row["key"]), decodeAnswer(row)];
  }

  *#rows(): Generator<SqlRow> {
    for (let after = ""; ;) {
      const row = this.#database.first(
        "SELECT * FROM calls WHERE key > ? ORDER BY key LIMIT 1",
        [after],
      );
      if (row === undefined) return;
      after = String(row["key"]);
      yield row;
    }
  }

  /**
   * What the run has used so far.
   * @param stages only in those whose names match, with `*` for any part
   */
  totals(stages = "*"): AnswerTotals {
    const used = this.#database.first(
      `SELECT count(*) AS calls, total(tokens_in) AS tokens_in,
              total(tokens_out) AS tokens_out, total(cost) AS cost
         FROM calls WHERE stage GLOB ?`,
      [stages],
    );
    return {
      calls: Number(used?.["calls"]),
      tokensIn: Number(used?.["tokens_in"]),
      tokensOut: Number(used?.["tokens_out"]),
      cost: Number(used?.["cost"]),
    };
  }
}

/** What the `response` column holds. */
const storedResponse = z.object({
  body: z.string(),
  cachedPromptTokens: z.number(),
});

function decodeAnswer(row: SqlRow): StoredAnswer {
  const response = storedResponse.safeParse(
    decodeJson(row["response"] ?? null, "calls.response"),
  ).data;
  const answer = storedAnswerSchema.safeParse({
    request: decodeJson(row["request"] ?? null, "calls.request"),
    response: response?.body,
    usage: {
      promptTokens: row["tokens_in"],
      cachedPromptTokens: response?.cachedPromptTokens,
      completionTokens: row["tokens_out"],
      costMicros: row["cost"],
    },
  });
  if (answer.success) return answer.data;
  throw new AutodidactError(
    "LEDGER",
    `The ledger is damaged: the answer under ${String(row["key"])} cannot be read. Restore the ledger from a backup, or begin a new run in another folder.`,
    { key: String(row["key"]) },
  );
}
