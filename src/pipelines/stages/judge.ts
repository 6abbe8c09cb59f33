/**
 * @file Judgements of responses, as fields that rows gain.
 *
 * Malformed judgements and abstentions have a null score and say what they are; they
 * never become a low score.
 */
import type { TextTokenizer } from "../../checkpoints/tokenizer/tokenizer.js";
import type { RowPlace } from "../../data/formats/field-errors.js";
import type { PlacedRow } from "../../data/formats/rows.js";
import { AutodidactError } from "../../foundation/error.js";
import { readChunks } from "../../foundation/json-lines.js";
import type {
  GenerateOptions,
  LanguageModel,
} from "../../generation/language-model.js";
import type {
  AnsweredPrompt,
  RewardModel,
} from "../../generation/reward-model.js";
import {
  formOf,
  judgedItem,
  judgeItems,
  type AnswerPair,
  type JudgedItem,
  type JudgeItem,
  type JudgeSettings,
} from "../../rewarding/judge.js";
import { rewardJudgement } from "../../rewarding/judgement.js";
import { fillSlots } from "../../rewarding/rubric.js";
import { optionsAreTokens } from "../../models/encode-options.js";
import { encodePrompt, encodeWhole } from "../../models/encode-rows.js";
import { requireFits } from "./context-length.js";
import type { OpenedModel } from "../../generation/loaded-model.js";
import {
  asConversation,
  judgedRow,
  shownPrompt,
  type JudgedRow,
  type ResponseRow,
} from "./prompt-rows.js";
import { rowsIdentity, type RowWork } from "./resumable-rows.js";

/** Judging with a second try of what cannot be read, where the tokenizer lets scores be weighed. */
export async function withSecondTry(
  tokenizer: TextTokenizer,
  settings: JudgeSettings,
): Promise<JudgeSettings> {
  const { introduction, scale } = formOf(settings);
  const secondTry = await optionsAreTokens(tokenizer, {
    prompt: [{ role: "user", content: settings.template }],
    prefix: introduction,
    options: scale.texts,
  });
  return { ...settings, secondTry };
}

/** What a judge is asked for, whoever it is. One row for each given, in order. */
export interface JudgeTask<T> {
  /** @throws BAD_INPUT for a row that does not fit; BAD_CHECKPOINT without a chat template */
  byCheckpoint(loaded: OpenedModel): Promise<RowWork<T>>;
  /** By any model; nothing is known of what fits into it. */
  byModel(model: LanguageModel): RowWork<T>;
  /** @throws BAD_INPUT for a row that does not fit */
  byRewards(model: RewardModel): Promise<RowWork<T>>;
}

/**
 * Scores for responses. A sampled judgement that cannot be read is tried a second time
 * where the tokenizer lets scores be weighed.
 */
export function scoring(
  placed: readonly PlacedRow<ResponseRow>[],
  settings: JudgeSettings,
): JudgeTask<JudgedRow> {
  return {
    byCheckpoint: async ({ languageModel, checkpoint }) => {
      const items = placed.map((row) => ({ ...row, item: judgeItem(row) }));
      const fitting = await fittingSettings(checkpoint, items, settings);
      return judgedBy(languageModel, placed, fitting);
    },
    byModel: (model) => judgedBy(model, placed, settings),
    byRewards: (model) => rewardedBy(model, placed),
  };
}

/**
 * The settings, with a second try where the tokenizer allows it.
 * @param items what the judge will see
 * @throws BAD_INPUT for one that does not fit; BAD_CHECKPOINT without a chat template
 */
export async function fittingSettings(
  { tokenizer, config }: OpenedModel["checkpoint"],
  items: readonly (RowPlace & { readonly item: JudgeItem | AnswerPair })[],
  settings: JudgeSettings,
): Promise<JudgeSettings> {
  const more = await generatedTokens(tokenizer, settings);
  const prompts = await Promise.all(
    items.map(({ item }) => {
      const content = fillSlots(settings.template, { ...item });
      return encodePrompt(tokenizer, [{ role: "user", content }]);
    }),
  );
  items.forEach(({ path, line }, i) => {
    requireFits({
      place: { path, line },
      tokens: prompts[i]?.length ?? 0,
      more,
      limit: config.maxPositions,
      option: "--judge-max-tokens",
    });
  });
  return withSecondTry(tokenizer, settings);
}

function judgedBy(
  model: LanguageModel,
  placed: readonly PlacedRow<ResponseRow>[],
  settings: JudgeSettings,
): RowWork<JudgedRow> {
  return judgementWork(placed, {
    answersEach: settings.reward === "samples" ? settings.samples : 1,
    judge: { model: model.identity, settings },
    judgements: (rows, options) =>
      judgeItems(model, rows.map(judgeItem), settings, options),
  });
}

async function rewardedBy(
  model: RewardModel,
  placed: readonly PlacedRow<ResponseRow>[],
): Promise<RowWork<JudgedRow>> {
  await requireRewardable(model, placed);
  const { tokenizer } = model.checkpoint;
  return judgementWork(placed, {
    answersEach: 1,
    judge: { model: model.identity, settings: null },
    judgements: async (rows, options) => {
      const answers = rows.map(({ row }) => answered(tokenizer, row));
      const rewards = await model.rewards(answers, options);
      return rewards.map((reward) => judgedItem([rewardJudgement(reward)]));
    },
  });
}

/** @throws BAD_INPUT for a row that does not fit */
export async function requireRewardable(
  { checkpoint: { tokenizer, config } }: RewardModel,
  placed: readonly PlacedRow<ResponseRow>[],
): Promise<void> {
  for (const place of placed) {
    const ids = await encodeWhole(tokenizer, answered(tokenizer, place.row));
    requireFits({
      place,
      tokens: ids.length,
      more: 0,
      limit: config.maxPositions,
    });
  }
}

/** As the reward model was trained: the template's messages, or without one plain text. */
export function answered(
  { hasChatTemplate }: Pick<TextTokenizer, "hasChatTemplate">,
  { prompt, response }: ResponseRow,
): AnsweredPrompt {
  if (!hasChatTemplate && typeof prompt === "string")
    return { prompt, completion: response };
  return {
    prompt: asConversation(prompt),
    completion: [{ role: "assistant", content: response }],
  };
}

function judgeItem({ row }: PlacedRow<ResponseRow>): JudgeItem {
  return { prompt: shownPrompt(row.prompt), response: row.response };
}

function judgementWork(
  placed: readonly PlacedRow<ResponseRow>[],
  work: {
    readonly answersEach: number;
    /** What determines a judgement besides its row. */
    readonly judge: { readonly model: string; readonly settings: unknown };
    readonly judgements: (
      rows: readonly PlacedRow<ResponseRow>[],
      options: GenerateOptions,
    ) => Promise<readonly JudgedItem[]>;
  },
): RowWork<JudgedRow> {
  const rows = placed.map(({ row }) => row);
  return {
    items: rows.length,
    unit: "responses",
    rowsEach: 1,
    answersEach: work.answersEach,
    identity: rowsIdentity({ stage: "judge", ...work.judge }, rows),
    schema: judgedRow,
    rows: async (start, end, options) => {
      const some = placed.slice(start, end);
      const judgements = await work.judgements(some, options);
      return judgements.map((judgement, i) => ({
        ...(rows[start + i] as ResponseRow),
        ...judgementFields(judgement),
      }));
    },
  };
}

/** Tokens that follow the judge's prompt: the words before a weighed score, or all that is sampled. */
async function generatedTokens(
  tokenizer: TextTokenizer,
  settings: JudgeSettings,
): Promise<number> {
  const { reward, maxTokens } = settings;
  const { reasoned, introduction } = formOf(settings);
  if (reward !== "expected" || reasoned) return maxTokens;
  const written = await tokenizer.encode(introduction, {
    addSpecialTokens: false,
  });
  return written.length + 1;
}

/** What a row gains by a judgement. */
export function judgementFields(item: JudgedItem) {
  const isScore = item.kind === "score";
  return {
    score: isScore ? item.score : null,
    variance: isScore ? item.variance : null,
    kind: item.kind,
    judgements: item.samples.map((sample) => ({
      kind: sample.kind,
      score: sample.kind === "score" ? sample.score : null,
      raw: sample.raw,
      constrained: sample.kind === "score" && sample.constrained === true,
    })),
  };
}

/**
 * Reads a judge's instruction from a file, a pipe or standard input (-).
 * @param slots what it must have, `{prompt}` for instance
 * @throws BAD_INPUT: unreadable, or without one of the slots
 */
export async function readJudgeTemplate(
  path: string,
  slots: readonly string[],
): Promise<string> {
  const bytes: Buffer[] = [];
  for await (const chunk of readChunks(path)) bytes.push(chunk);
  const template = Buffer.concat(bytes).toString().trimEnd();
  for (const slot of slots) {
    if (template.includes(slot)) continue;
    throw new AutodidactError(
      "BAD_INPUT",
      `The judge's template ${path} has no ${slot}. Write ${slot} where it belongs, so that the judge sees what it judges.`,
      { path, slot },
    );
  }
  return template;
}
