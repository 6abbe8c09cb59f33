/**
 * @file A run folder opened with its model: everything that has to be right before
 * the first question is asked, and let go of whatever happens.
 */
import { join, resolve } from "node:path";
import type { AnswerStore, StoredAnswer } from "../../answers/answer-store.js";
import { readOnly } from "../../answers/layered-store.js";
import type { EventListener } from "../../events/run-event.js";
import { AutodidactError } from "../../foundation/error.js";
import { hashOf } from "../../foundation/hash.js";
import type { PromptSet } from "../../instruct/prompts/prompt-set.js";
import type { AnswerTotals } from "../../ledger/answer-table.js";
import { openLedger } from "../../ledger/ledger.js";
import {
  instructSettingsSchema,
  type InstructSettings,
} from "../../recipes/instruct.js";
import { pathOfRun, recipeOfRun } from "../../recipes/recipe-paths.js";
import type { Author } from "../instruct-stages/author.js";
import {
  requireRoomForAnswers,
  warnOfShortAnswers,
} from "../instruct-stages/context-check.js";
import {
  instructContext,
  readSeeds,
  type InstructContext,
} from "../instruct-stages/instruct-context.js";
import type { InstructionSource } from "../instruct-stages/instruction-source.js";
import { DATA_STAGES } from "../instruct-stages/make-tasks.js";
import { withRun, type OpenRun, type RunOpening } from "../run/with-run.js";
import {
  forgiving,
  readRecordedRun,
  recordedSource,
  type RecordedRun,
} from "./replay.js";
import { recordedState, requireSameSeeds, resumption } from "./resumption.js";

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

export interface SessionOptions extends RunOpening {
  readonly settings: InstructSettings;
  readonly withAuthor: WithAuthor;
  /** Folder of the run whose answers are judged anew. */
  readonly replay?: string;
  /** Prompts of a world of its own; those of the language and style when absent. */
  readonly prompts?: PromptSet;
  readonly signal: AbortSignal;
}

export interface Session {
  readonly context: InstructContext;
  /** In a replay: the answers that were recorded. */
  readonly source?: InstructionSource;
}

/**
 * Opens folder, seeds and model, records what the run is made with, and works.
 * @throws BAD_INPUT for seeds, LEDGER for a folder of other settings, and what `work` throws
 */
export async function withSession<T>(
  options: SessionOptions,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const { folder, settings, replay } = options;
  const tasks = await readSeeds(settings);
  if (replay !== undefined && resolve(replay) === resolve(folder)) {
    throw new AutodidactError(
      "USAGE",
      `A replay needs a folder of its own: ${folder} is the run whose answers it judges. Give another --run-dir.`,
      { folder },
    );
  }
  return withRun(options, (run) => {
    const before = recordedState(run.ledger, folder);
    const named = recipeOfRun(settings, {
      schema: instructSettingsSchema,
      folder,
      recorded: before.recipe,
    });
    requireSameSeeds(
      before,
      { seeds: named.seeds, seedTasks: hashOf(tasks.seeds) },
      run.ledger,
    );
    return withAnswers(replay, run, ({ store, recorded }) =>
      options.withAuthor(
        {
          store,
          kept: () => run.ledger.answers.all(),
          spent: run.ledger.answers.totals(),
          emit: run.emit,
          ...(replay === undefined ? {} : { replayOf: replay }),
        },
        async (opened) => {
          const author = recorded === undefined ? opened : forgiving(opened);
          const contextOf = ({ ledger, emit }: OpenRun): InstructContext =>
            instructContext(
              { ...options, ledger, emit },
              { ...options, ...tasks, settings: named, author },
            );
          const recipe = recipeOf(contextOf(run), options, before.recipe);
          const how = resumption(recordedState(run.ledger, folder), recipe);
          if (how === "renew") run.renew({ accept: recipe.accept });
          if (how === "reset") run.renew(null);
          const context = contextOf(run);
          await requireRoomForAnswers(context);
          await run.begin(context.settings, ["seeds", ...DATA_STAGES], recipe);
          await warnOfShortAnswers(context);
          if (recorded === undefined) return work({ context });
          const asked = { ...context, author: opened };
          return work({ context, source: recordedSource(asked, recorded) });
        },
      ),
    );
  });
}

/** Answers are kept in this run's ledger, or in a replay taken from the other's. */
async function withAnswers<T>(
  replay: string | undefined,
  run: Pick<OpenRun, "ledger">,
  use: (source: {
    readonly store: AnswerStore;
    readonly recorded: RecordedRun | undefined;
  }) => Promise<T>,
): Promise<T> {
  if (replay === undefined) {
    // The run's ledger may be made anew meanwhile.
    const store: AnswerStore = {
      get: (key) => run.ledger.answers.get(key),
      put: (key, answer) => {
        run.ledger.answers.put(key, answer);
      },
    };
    return use({ store, recorded: undefined });
  }
  const source = openLedger({ path: join(replay, "ledger.db"), mode: "write" });
  try {
    const recorded = readRecordedRun(source);
    const store = readOnly(source.answers);
    return await use({ store, recorded });
  } finally {
    source.close();
  }
}

/** What the run is made with, as it is recorded; what its card says, it may say anew. */
function recipeOf(
  { settings, seeds, author, prompts }: InstructContext,
  { folder, replay }: SessionOptions,
  recorded: Readonly<Record<string, unknown>> = {},
) {
  const { card: _card, ...made } = settings;
  const before = recorded["replay"];
  return {
    ...made,
    seedTasks: hashOf(seeds),
    model: author.identity,
    source: author.source,
    prompts: prompts.id,
    replay:
      replay === undefined
        ? null
        : pathOfRun(
            replay,
            folder,
            typeof before === "string" ? before : undefined,
          ),
  };
}
