/**
 * @file Judged responses → preference pairs, by the rule of the loop.
 *
 * Responses to one prompt may stand anywhere in the file. Identical ones are merged,
 * with the mean of their scores, so that no answer is ever set against itself. Every
 * prompt ends as a pair or under the rule that stopped it.
 */
import type { Prompt } from "../../data/records.js";
import { canonicalJson } from "../../foundation/hash.js";
import { mean } from "../../foundation/statistics.js";
import type { JudgedCandidate } from "../self-rewarding/judgement-stage.js";
import { choosePair, groupByPrompt } from "../self-rewarding/pair-stage.js";
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
  readonly rule: "too-few-scored" | "unfinished" | "tie" | "small-margin";
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
  settings: { readonly minMargin: number; readonly finishedOnly: boolean },
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
    const candidates = mergeIdentical(promptId, group);
    distinct += candidates.length;
    const choice = choosePair(candidates, settings);
    if ("rule" in choice) dropped.push({ prompt, rule: choice.rule });
    else pairs.push(pairRow(prompt, choice));
  }
  return { pairs, dropped, merged: rows.length - distinct };
}

function mergeIdentical(
  promptId: number,
  group: readonly { readonly row: ScoredRow }[],
): JudgedCandidate[] {
  const byText = new Map<string, ScoredRow[]>();
  for (const { row } of group) {
    const same = byText.get(row.response);
    if (same === undefined) byText.set(row.response, [row]);
    else same.push(row);
  }
  return [...byText].map(([text, same], rowId) => ({
    rowId,
    promptId,
    prompt: "",
    text,
    finished: same.some(({ finished }) => finished !== false),
    score: mean(same.flatMap(({ score }) => (score === null ? [] : [score]))),
    rationale: null,
  }));
}

/** Answers take the form of their prompt: text to text, messages to messages. */
function pairRow(
  prompt: Prompt,
  choice: {
    readonly chosen: JudgedCandidate;
    readonly rejected: JudgedCandidate;
  },
): PairRow {
  const side = ({ text }: JudgedCandidate): Prompt =>
    typeof prompt === "string" ? text : [{ role: "assistant", content: text }];
  return {
    prompt,
    chosen: side(choice.chosen),
    rejected: side(choice.rejected),
    chosen_score: choice.chosen.score ?? Number.NaN,
    rejected_score: choice.rejected.score ?? Number.NaN,
  };
}
