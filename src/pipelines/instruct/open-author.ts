/**
 * @file Opening the model that a run asks: an endpoint, or a checkpoint in this
 * process, over the run's own store; or neither, in a replay.
 */
import type { AnswerStore, StoredAnswer } from "../../answers/answer-store.js";
import { repositoryOf } from "../../checkpoints/hub/hub.js";
import { openWholeModel } from "../../checkpoints/open-model.js";
import type { EventListener } from "../../events/run-event.js";
import { AutodidactError } from "../../foundation/error.js";
import type { PromptStyle } from "../../instruct/prompts/prompt-set.js";
import type { BudgetLimits } from "../../endpoints/spending/budget.js";
import {
  parseBaseUrl,
  showUrl,
  type EndpointSettings,
} from "../../endpoints/transport/endpoint-settings.js";
import type { AnswerTotals } from "../../ledger/answer-table.js";
import type { PriceTable } from "../../endpoints/spending/prices.js";
import {
  withLoadedModel,
  type ModelSource,
} from "../../generation/loaded-model.js";
import {
  authorOf,
  rememberingAuthor,
  type Author,
} from "../instruct-stages/author.js";
import { budgetAfter, limitedEndpoint } from "../run/limited-endpoint.js";
import { absentModel, withMemory } from "../../answers/with-memory.js";
import { withRecording, type Recording } from "../../answers/recording.js";

/** What the one who opens the model is given. */
export interface AuthorParts {
  /** Answers are kept in it and taken from it. */
  readonly store: AnswerStore;
  /** Every answer that the run has by then. */
  readonly kept: () => Iterable<readonly [key: string, answer: StoredAnswer]>;
  /** What the run has used so far, for its budget. */
  readonly spent: AnswerTotals;
  /** Folder of the recorded run; nothing may be computed or bought. */
  readonly replayOf?: string;
  /** Told when the model makes everybody wait. */
  readonly emit: EventListener;
}

/** Opens the model for one piece of work and lets go of it afterwards. */
export type WithAuthor = <T>(
  parts: AuthorParts,
  use: (author: Author) => Promise<T>,
) => Promise<T>;

interface EndpointAuthorOptions {
  readonly endpoint: EndpointSettings;
  readonly limits: BudgetLimits;
  readonly prices?: PriceTable;
  /** A file of the answers beside the run's own store. */
  readonly recording?: Recording;
  readonly signal: AbortSignal;
}

/** An OpenAI-compatible endpoint, within limits; or a recording of what it answered. */
export function endpointAuthor(options: EndpointAuthorOptions): WithAuthor {
  const { recording } = options;
  const direct = unrecordedAuthor(options);
  return recording === undefined
    ? direct
    : (parts, use) =>
        withRecording(recording, parts, (source) =>
          direct({ ...parts, ...source }, use),
        );
}

function unrecordedAuthor(options: EndpointAuthorOptions): WithAuthor {
  const { endpoint, limits, prices, signal } = options;
  return async ({ store, spent, replayOf, emit }, use) => {
    const model = limitedEndpoint(endpoint, {
      ...{ store, spent, limits, prices, replayOf, emit },
    });
    try {
      const style = endpoint.api === "completions" ? "completion" : "chat";
      return await use(
        authorOf(model, {
          style,
          signal,
          hubId: repositoryOf(endpoint.model),
          source: { kind: "endpoint", settings: recordable(endpoint) },
        }),
      );
    } finally {
      await model.close();
    }
  };
}

/** What decides the answers, without secrets; how hard the endpoint is worked does not. */
function recordable({
  maxConcurrency: _maxConcurrency,
  initialConcurrency: _initialConcurrency,
  answerTimes: _answerTimes,
  maxAttempts: _maxAttempts,
  patienceMs: _patienceMs,
  apiKeyVariable: _apiKeyVariable,
  ...settings
}: EndpointSettings): EndpointSettings {
  return { ...settings, baseUrl: showUrl(parseBaseUrl(settings.baseUrl)) };
}

/**
 * A checkpoint in this process, within limits of requests and tokens; what it answered
 * once it need not compute again.
 * @throws BAD_CHECKPOINT and what else keeps it from being opened, before a run is begun
 */
export async function checkpointAuthor(
  source: ModelSource,
  limits: BudgetLimits = {},
): Promise<WithAuthor> {
  const { signal } = source;
  await openWholeModel(source.model, { signal });
  return async ({ store, spent }, use) =>
    withLoadedModel(source, async ({ languageModel, checkpoint }) => {
      const style = checkpoint.tokenizer.hasChatTemplate
        ? "chat"
        : "completion";
      const budget = budgetAfter(limits, spent);
      const hubId = repositoryOf(source.model);
      return use(
        rememberingAuthor(languageModel, {
          ...{ store, budget, style, signal, hubId },
        }),
      );
    });
}

/** Only what a checkpoint answered before, by the identity it had. */
export function replayAuthor(options: {
  readonly identity: string;
  readonly style: PromptStyle;
  readonly signal: AbortSignal;
}): WithAuthor {
  const { identity, style, signal } = options;
  return async ({ store, replayOf }, use) => {
    if (replayOf === undefined) {
      throw new AutodidactError(
        "USAGE",
        "No model was given. Name a checkpoint with --model, or an endpoint with --endpoint and --model.",
      );
    }
    return use(
      authorOf(withMemory(absentModel(identity), store), { style, signal }),
    );
  };
}
