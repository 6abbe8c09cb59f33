/**
 * @file Log-probabilities of given completions, as fields that rows gain.
 */
import type { PlacedRow } from "../../data/formats/rows.js";
import type {
  CompletionScore,
  ScoreRequest,
} from "../../generation/language-model.js";
import { encodePair } from "../../models/encode-rows.js";
import { requireFits } from "./context-length.js";
import type { OpenedModel } from "../../generation/loaded-model.js";
import {
  probableRow,
  type CompletionRow,
  type ProbableRow,
} from "./prompt-rows.js";
import { rowsIdentity, type RowWork } from "./resumable-rows.js";

/**
 * One row for each given, in order.
 * @throws BAD_INPUT for a row that does not fit; BAD_CHECKPOINT without a chat template
 */
export async function scoringWork(
  { languageModel, checkpoint }: OpenedModel,
  placed: readonly PlacedRow<CompletionRow>[],
): Promise<RowWork<ProbableRow>> {
  const encoded = await Promise.all(
    placed.map(({ row }) => encodePair(checkpoint.tokenizer, templated(row))),
  );
  placed.forEach(({ path, line }, i) => {
    requireFits({
      place: { path, line },
      tokens: encoded[i]?.ids.length ?? 0,
      more: 0,
      limit: checkpoint.config.maxPositions,
    });
  });
  const rows = placed.map(({ row }) => row);
  return {
    items: rows.length,
    unit: "rows",
    rowsEach: 1,
    answersEach: 1,
    identity: rowsIdentity(
      { stage: "score", model: languageModel.identity, settings: {} },
      rows,
    ),
    schema: probableRow,
    rows: async (start, end, options) => {
      const some = rows.slice(start, end);
      const scores = await languageModel.score(some.map(templated), options);
      return some.map((row, i) => ({
        ...row,
        ...(scores[i] as CompletionScore),
      }));
    },
  };
}

/** What of a row is scored: its text, and what the chat template is given. */
function templated({
  prompt,
  completion,
  tools = null,
  chat_template_kwargs = null,
}: CompletionRow): ScoreRequest {
  return { prompt, completion, tools, chat_template_kwargs };
}
