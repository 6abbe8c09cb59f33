/**
 * @file Models whose answers are kept in a journal while their work is under way.
 */
import type { z } from "zod";
import { defined } from "../foundation/defined.js";
import { hashOf } from "../foundation/hash.js";
import {
  completionScoreSchema,
  completionsSchema,
  optionLogprobsSchema,
  rewardSchema,
} from "./answer-schemas.js";
import type {
  AskOptions,
  LanguageModel,
  ModelHost,
} from "../generation/language-model.js";
import type {
  RewardModel,
  RewardModelHost,
} from "../generation/reward-model.js";
import { wrapped } from "../generation/wrapped.js";
import type { AnswerJournal } from "./answer-journal.js";
import { askMissing } from "./ask-missing.js";

/** `model`; what it answered before a stop is taken from `journal`, where there is one. */
export function journaledModel(
  model: LanguageModel,
  journal: AnswerJournal | null,
): LanguageModel {
  if (journal === null) return model;
  const walk = { identity: model.identity, journal };
  return wrapped(model, {
    generate: journaled(walk, "generate", completionsSchema, (...asked) =>
      model.generate(...asked),
    ),
    score: journaled(walk, "score", completionScoreSchema, (...asked) =>
      model.score(...asked),
    ),
    optionLogprobs: (weigh) =>
      journaled(walk, "options", optionLogprobsSchema, weigh),
  });
}

/**
 * The same for whatever model `host` gives. What is scored is asked each time: it tells
 * whether the host has the weights it is said to have.
 */
export function journaledHost(
  host: ModelHost,
  journal: AnswerJournal,
): ModelHost {
  return {
    withModel: (checkpoint, use) =>
      host.withModel(checkpoint, (model) =>
        use({
          ...journaledModel(model, journal),
          score: (requests, options) => model.score(requests, options),
        }),
      ),
  };
}

/** The same for a reward model. */
export function journaledRewardModel(
  model: RewardModel,
  journal: AnswerJournal | null,
): RewardModel {
  if (journal === null) return model;
  const { identity, checkpoint, rewards } = model;
  return {
    ...{ identity, checkpoint },
    rewards: journaled({ identity, journal }, "reward", rewardSchema, rewards),
  };
}

/** The same for whatever reward model `host` gives. */
export function journaledRewardHost(
  host: RewardModelHost,
  journal: AnswerJournal,
): RewardModelHost {
  return {
    withRewardModel: (folder, use) =>
      host.withRewardModel(folder, (model) =>
        use(journaledRewardModel(model, journal)),
      ),
  };
}

function journaled<Request, Answer>(
  { identity, journal }: { identity: string; journal: AnswerJournal },
  kind: string,
  schema: z.ZodType<Answer>,
  ask: (
    requests: readonly Request[],
    options: AskOptions<Answer>,
  ) => Promise<readonly Answer[]>,
) {
  return (
    requests: readonly Request[],
    options: AskOptions<Answer> = {},
  ): Promise<readonly Answer[]> =>
    askMissing(
      requests,
      options,
      {
        keyOf: (request) => hashOf({ kind, identity, request }),
        find: (key) => {
          const kept = journal.find(key);
          const { data } = schema.safeParse(kept?.answer);
          // Whoever kept it died before it was counted.
          if (data !== undefined && kept?.usage) options.onUsage?.(kept.usage);
          return data;
        },
        keep: ({ key }, answer, usage) => {
          journal.keep(key, { answer, ...defined({ usage }) });
        },
      },
      ask,
    );
}
