/**
 * @file Log-probability of a completion given a prompt, from an endpoint that
 * echoes.
 *
 * Prompt and completion go out as one text with `echo`, so the answer has the
 * log-probability of every token of the text (OpenAI's legacy completions; vLLM).
 * Many servers accept `echo` and ignore it (llama.cpp, transformers serve); a
 * number made of what they send would be wrong without anybody noticing, so the
 * echo is checked against the text and its absence is an error. A token that
 * spans the border belongs to the completion. No end-of-sequence is added.
 */
import { AutodidactError } from "../foundation/error.js";
import type {
  CompletionScore,
  ScoreRequest,
} from "../generation/language-model.js";
import type { Choice } from "./transport/answer.js";
import type { RequestGroup } from "./transport/request-group.js";
import type { Purchases } from "./purchases.js";
import { kindFor, maxTokensFields, without } from "./transport/request-body.js";

export async function scoreCompletion(
  purchases: Purchases,
  request: ScoreRequest,
  group: RequestGroup,
): Promise<CompletionScore> {
  const { settings } = purchases;
  const { prompt, completion } = request;
  if (
    typeof prompt !== "string" ||
    typeof completion !== "string" ||
    kindFor(prompt, settings) !== "text"
  ) {
    throw cannotScore(
      settings.model,
      "conversations cannot be scored over an OpenAI-compatible API. Give prompt and completion as text, with the chat template applied, or score with the embedded engine",
    );
  }
  const fields = {
    ...maxTokensFields(1, settings),
    ...without({ temperature: 0, logprobs: 1, echo: true }, settings.omit),
    ...settings.extraBody,
  };
  const text = prompt + completion;
  const answer = await purchases.answer(
    { purpose: "score", kind: "text", prompt: text, fields, maxTokens: 1 },
    group,
  );
  const generated = answer.usage?.completionTokens ?? 1;
  const score = sumOver(answer.choices[0], text, completion, generated);
  if (score !== undefined) return score;
  throw cannotScore(
    settings.model,
    "the server did not return the log-probabilities of the prompt (`echo`). vLLM does; llama.cpp and `transformers serve` do not. Use such a server, or score with the embedded engine",
  );
}

/** Undefined when the echo is not there or is not the text. */
function sumOver(
  choice: Choice | undefined,
  text: string,
  completion: string,
  generated: number,
): CompletionScore | undefined {
  const tokens = choice?.tokens;
  if (tokens === undefined || !choice?.text.startsWith(text)) return undefined;
  const echoed = tokens.slice(0, tokens.length - generated);
  let logprob = 0;
  let covered = "";
  let counted = 0;
  for (
    let place = echoed.length - 1;
    place >= 0 && covered.length < completion.length;
    place--
  ) {
    const token = echoed[place];
    if (token === undefined) return undefined;
    covered = token.token + covered;
    logprob += token.logprob;
    counted++;
  }
  return covered.endsWith(completion) && text.endsWith(covered)
    ? { logprob, tokens: counted }
    : undefined;
}

function cannotScore(model: string, reason: string): AutodidactError {
  return new AutodidactError(
    "ENDPOINT",
    `Cannot score with "${model}": ${reason}.`,
    { failure: "no-scores", model },
  );
}
