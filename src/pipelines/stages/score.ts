/**
 * @file Log-probabilities of given completions, as fields that rows gain.
 */
import type { PlacedRow } from "../../data/formats/rows.js";
import type {
  GenerateOptions,
  ScoreRequest,
} from "../../generation/language-model.js";
import { encodePair } from "../../models/encode-rows.js";
import { requireFits } from "./context-length.js";
import type { LoadedModel } from "../../generation/loaded-model.js";
import type { CompletionRow } from "./prompt-rows.js";

export type ProbableRow = CompletionRow & {
  /** Sum over completion tokens, natural log. */
  readonly logprob: number;
  /** Completion tokens counted, end-of-sequence included where one is added. */
  readonly tokens: number;
};

/**
 * One row for each given, in order.
 * @throws BAD_INPUT for a row that does not fit; BAD_CHECKPOINT without a chat template
 */
export async function scoreRows(
  { languageModel, checkpoint }: LoadedModel,
  placed: readonly PlacedRow<CompletionRow>[],
  options: GenerateOptions = {},
): Promise<ProbableRow[]> {
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
  const scores = await languageModel.score(
    placed.map(({ row }) => templated(row)),
    options,
  );
  return placed.map(({ row }, i) => ({
    ...row,
    logprob: scores[i]?.logprob ?? Number.NaN,
    tokens: scores[i]?.tokens ?? 0,
  }));
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
