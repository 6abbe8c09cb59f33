/**
 * @file Next-token log-probabilities of some options, from an endpoint that tells
 * the likeliest tokens.
 *
 * The answer has the 20 likeliest first tokens; an option that is not among them
 * has −∞ ("less likely than all of those"). An option and the same option after a
 * space are one option: which of the two is a token depends on the tokenizer.
 */
import { AutodidactError } from "../foundation/error.js";
import type { Prompt } from "../data/records.js";
import type { OptionsRequest } from "../generation/language-model.js";
import type { TokenAlternatives } from "./transport/answer.js";
import type { AnswerKind } from "./transport/request-body.js";
import type { RequestGroup } from "./transport/request-group.js";
import type { Purchases } from "./purchases.js";
import type { Fields } from "./dialects/dialect.js";
import {
  kindFor,
  maxTokensFields,
  fieldsForTemplate,
  without,
} from "./transport/request-body.js";

/** The most that OpenAI's chat endpoint and vLLM's default allow. */
const ALTERNATIVES = 20;

export async function optionLogprobs(
  purchases: Purchases,
  request: OptionsRequest,
  group: RequestGroup,
): Promise<readonly number[]> {
  const { settings } = purchases;
  const kind = kindFor(request.prompt, settings);
  const continues = kind === "chat" && request.prefix !== "";
  const answer = await purchases.answer(
    {
      purpose: "options",
      kind,
      prompt: begunPrompt(kind, request),
      fields: {
        ...maxTokensFields(1, settings),
        ...without({ temperature: 0, ...askFor(kind) }, settings.omit),
        ...settings.extraBody,
        ...fieldsForTemplate(kind, request, settings),
        ...(continues ? CONTINUING : {}),
      },
      maxTokens: 1,
      continues,
    },
    group,
  );
  const first = answer.choices[0]?.tokens?.[0];
  if (first === undefined || first.top.length === 0) {
    throw new AutodidactError(
      "ENDPOINT",
      `"${settings.model}" was asked for the likeliest tokens (top_logprobs) and the server sent none. Use a server that gives them, or judge by sampling instead.`,
      { failure: "no-logprobs", model: settings.model },
    );
  }
  return request.options.map((option) => logprobOf(option, first));
}

function askFor(kind: AnswerKind): Fields {
  return kind === "chat"
    ? { logprobs: true, top_logprobs: ALTERNATIVES }
    : { logprobs: ALTERNATIVES };
}

/** Fields with which a chat goes on from its last message. */
const CONTINUING = {
  add_generation_prompt: false,
  continue_final_message: true,
};

/** The prompt with the answer's beginning in it. */
function begunPrompt(
  kind: AnswerKind,
  { prompt, prefix }: OptionsRequest,
): Prompt {
  if (prefix === "") return prompt;
  if (kind === "text") return `${prompt as string}${prefix}`;
  const messages =
    typeof prompt === "string"
      ? [{ role: "user" as const, content: prompt }]
      : prompt;
  return [...messages, { role: "assistant", content: prefix }];
}

function logprobOf(option: string, first: TokenAlternatives): number {
  const forms = first.top
    .filter(({ token }) => token === option || token === ` ${option}`)
    .map(({ logprob }) => logprob);
  const most = Math.max(...forms);
  if (forms.length < 2) return most;
  // log Σ exp(l), with the largest taken out
  return (
    most + Math.log(forms.reduce((sum, form) => sum + Math.exp(form - most), 0))
  );
}
