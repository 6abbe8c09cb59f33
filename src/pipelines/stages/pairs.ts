/**
 * @file Judged responses → preference pairs, by the rule of the loop.
 *
 * Responses to one prompt may stand anywhere in the file. Identical ones are merged,
 * with the mean of their scores, so that no answer is ever set against itself. Every
 * prompt ends as a pair or under the rule that stopped it.
 */
import type { Prompt } from "../../data/records.js";
import { canonicalJson } from "../../foundation/hash.js";
import { rowText, writtenAs } from "../../foundation/json-lines.js";
import { mean } from "../../foundation/statistics.js";
import { groupByPrompt } from "../../rewarding/candidate.js";
import {
  scoreOf,
  type NoPair,
  type PairSettings,
  type Scored,
} from "../../rewarding/pair-rules/pair-rule.js";
import { choosePair } from "../../rewarding/pair-rules/pair-rules.js";
import type { ScoredRow } from "./prompt-rows.js";

export interface PairRow {
  readonly prompt: Prompt;
  readonly chosen: Prompt;
  readonly rejected: Prompt;
  readonly chosen_score: number;
  readonly rejected_score: number;
}

/** A prompt that gave no pair, and why. */
export interface DroppedPrompt {
  readonly prompt: Prompt;
  readonly rule: NoPair;
}

export interface PairingResult {
  readonly pairs: readonly PairRow[];
  readonly dropped: readonly DroppedPrompt[];
  /** Responses that equalled an earlier one of the same prompt. */
  readonly merged: number;
}

/** pairs + dropped = distinct prompts, both in the order of the prompts. */
export function pairRows(
  rows: readonly ScoredRow[],
  settings: PairSettings,
): PairingResult {
  const prompts: Prompt[] = [];
  const numbers = new Map<string, number>();
  const numbered = rows.map((row) => {
    const key = canonicalJson(row.prompt);
    const promptId = numbers.get(key) ?? prompts.length;
    if (promptId === prompts.length) {
      numbers.set(key, promptId);
      prompts.push(row.prompt);
    }
    return { promptId, row };
  });
  const pairs: PairRow[] = [];
  const dropped: DroppedPrompt[] = [];
  let distinct = 0;
  for (const [promptId, group] of groupByPrompt(numbered)) {
    const prompt = prompts[promptId] as Prompt;
    const candidates = mergeIdentical(group);
    distinct += candidates.length;
    const choice = choosePair(candidates, settings);
    if ("rule" in choice) dropped.push({ prompt, rule: choice.rule });
    else
      pairs.push({
        ...fieldsOfUser(group, choice),
        ...pairRow(prompt, choice),
      });
  }
  return { pairs, dropped, merged: rows.length - distinct };
}

interface DistinctResponse extends Scored {
  readonly text: string;
  /** The first row that holds it. */
  readonly row: ScoredRow;
}

interface Choice {
  readonly chosen: DistinctResponse;
  readonly rejected: DistinctResponse;
}

function mergeIdentical(
  group: readonly { readonly row: ScoredRow }[],
): DistinctResponse[] {
  const byText = new Map<string, ScoredRow[]>();
  for (const { row } of group) {
    const same = byText.get(row.response);
    if (same === undefined) byText.set(row.response, [row]);
    else same.push(row);
  }
  return [...byText].map(([text, same]) => ({
    text,
    row: same[0] as ScoredRow,
    finished: same.some(({ finished }) => finished !== false),
    score: mean(same.flatMap(({ score }) => score ?? [])),
  }));
}

/** What the stages write of one response; it is not the pair's. */
const OF_RESPONSE = new Set([
  ...["prompt", "response", "sample", "finished", "tokens", "logprob"],
  ...["score", "variance", "kind", "raw", "judgements"],
]);

/**
 * Fields that the stages know nothing of: those on which all responses of a prompt agree
 * are the pair's, others come along as `chosen_NAME` and `rejected_NAME`.
 */
function fieldsOfUser(
  group: readonly { readonly row: ScoredRow }[],
  { chosen, rejected }: Choice,
): Readonly<Record<string, unknown>> {
  const isShared = (name: string, value: unknown): boolean =>
    group.every(({ row }) => rowText(row[name]) === rowText(value));
  const side = (row: ScoredRow, prefix: string): object =>
    Object.fromEntries(
      Object.entries(row)
        .filter(([name]) => !OF_RESPONSE.has(name))
        .filter(([name, value]) => (prefix === "") === isShared(name, value))
        .map(([name, value]) => [prefix + name, value]),
    );
  return {
    ...writtenAs(side(chosen.row, ""), chosen.row),
    ...side(chosen.row, "chosen_"),
    ...side(rejected.row, "rejected_"),
  };
}

/** Answers take the form of their prompt: text to text, messages to messages. */
function pairRow(prompt: Prompt, choice: Choice): PairRow {
  const side = ({ text }: DistinctResponse): Prompt =>
    typeof prompt === "string" ? text : [{ role: "assistant", content: text }];
  return {
    prompt,
    chosen: side(choice.chosen),
    rejected: side(choice.rejected),
    chosen_score: scoreOf(choice.chosen),
    rejected_score: scoreOf(choice.rejected),
  };
}
