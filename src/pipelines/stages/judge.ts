/**
 * @file Judgements of responses, as fields that rows gain.
 *
 * Malformed judgements and abstentions have a null score and say what they are; they
 * never become a low score.
 */
import { readFile } from "node:fs/promises";
import type { TextTokenizer } from "../../checkpoints/tokenizer/tokenizer.js";
import type { PlacedRow } from "../../data/formats/rows.js";
import { AutodidactError } from "../../foundation/error.js";
import type { GenerateOptions } from "../../generation/language-model.js";
import {
  formOf,
  judgeItems,
  type JudgedItem,
  type JudgeSettings,
} from "../../rewarding/judge.js";
import type { Judgement, Reward } from "../../rewarding/judgement.js";
import { fillSlots } from "../../rewarding/rubric.js";
import { encodePrompt } from "../../models/encode-rows.js";
import { requireFits } from "./context-length.js";
import type { LoadedModel } from "../../generation/loaded-model.js";
import { promptText, type ResponseRow } from "./prompt-rows.js";

export type JudgedRow = ResponseRow & {
  /** 0 … 5, null unless `kind` is "score". */
  readonly score: number | null;
  /** Of the samples or of the score-token distribution. */
  readonly variance: number | null;
  readonly kind: Reward["kind"];
  /** Every sample of the judge, with exactly what it wrote. */
  readonly judgements: readonly {
    readonly kind: Judgement["kind"];
    readonly score: number | null;
    readonly raw: string;
  }[];
};

/**
 * One row for each given, in order.
 * @throws BAD_INPUT for a row that does not fit; BAD_CHECKPOINT without a chat template
 */
export async function judgeRows(
  { languageModel, checkpoint }: LoadedModel,
  placed: readonly PlacedRow<ResponseRow>[],
  settings: JudgeSettings,
  options: GenerateOptions = {},
): Promise<JudgedRow[]> {
  const items = placed.map(({ row }) => ({
    prompt: promptText(row.prompt),
    response: row.response,
  }));
  const more = await generatedTokens(checkpoint.tokenizer, settings);
  const prompts = await Promise.all(
    items.map((item) => {
      const content = fillSlots(settings.template, { ...item });
      return encodePrompt(checkpoint.tokenizer, [{ role: "user", content }]);
    }),
  );
  placed.forEach(({ path, line }, i) => {
    requireFits({
      place: { path, line },
      tokens: prompts[i]?.length ?? 0,
      more,
      limit: checkpoint.config.maxPositions,
      option: "--judge-max-tokens",
    });
  });
  const judgements = await judgeItems(languageModel, items, settings, options);
  return placed.map(({ row }, i) => ({
    ...row,
    ...judgementFields(judgements[i] as JudgedItem),
  }));
}

/** Tokens that follow the judge's prompt: the words before a weighed score, or all that is sampled. */
async function generatedTokens(
  tokenizer: TextTokenizer,
  { reward, answer, maxTokens }: JudgeSettings,
): Promise<number> {
  const { reasoned, introduction } = formOf(answer);
  if (reward !== "expected" || reasoned) return maxTokens;
  const written = await tokenizer.encode(introduction, {
    addSpecialTokens: false,
  });
  return written.length + 1;
}

function judgementFields(item: JudgedItem) {
  const isScore = item.kind === "score";
  return {
    score: isScore ? item.score : null,
    variance: isScore ? item.variance : null,
    kind: item.kind,
    judgements: item.samples.map((sample) => ({
      kind: sample.kind,
      score: sample.kind === "score" ? sample.score : null,
      raw: sample.raw,
    })),
  };
}

/**
 * Reads a judge's instruction.
 * @throws BAD_INPUT: unreadable, or without the slots `{prompt}` and `{response}`
 */
export async function readJudgeTemplate(path: string): Promise<string> {
  let template: string;
  try {
    template = (await readFile(path, "utf8")).trimEnd();
  } catch (cause) {
    throw new AutodidactError(
      "BAD_INPUT",
      `Cannot read the judge's template ${path}: ${cause instanceof Error ? cause.message : String(cause)}. Check the path.`,
      { path },
      { cause },
    );
  }
  for (const slot of ["{prompt}", "{response}"]) {
    if (template.includes(slot)) continue;
    throw new AutodidactError(
      "BAD_INPUT",
      `The judge's template ${path} has no ${slot}. Write ${slot} where it belongs, so that the judge sees what it judges.`,
      { path, slot },
    );
  }
  return template;
}
