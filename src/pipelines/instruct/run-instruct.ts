/**
 * @file A whole Self-Instruct run in a folder: begun, gone on with, replayed.
 *
 * Everything that has to be right before the first question is asked is looked at when
 * folder, seeds and model are opened. Everything is in the folder's ledger before it is
 * in a file, so the same command goes on where a killed or stopped run was, and gives
 * what an uninterrupted one gives.
 */
import { join, resolve } from "node:path";
import type { AnswerStore } from "../../answers/answer-store.js";
import { readOnly } from "../../answers/layered-store.js";
import { defined } from "../../foundation/defined.js";
import { AutodidactError } from "../../foundation/error.js";
import { hashOf } from "../../foundation/hash.js";
import type { PromptSet } from "../../instruct/prompts/prompt-set.js";
import { LEDGER_FILE } from "../../ledger/ledger-file.js";
import { openLedger } from "../../ledger/ledger.js";
import {
  instructSettingsSchema,
  type InstructSettings,
} from "../../recipes/instruct.js";
import { pathOfRun, recipeOfRun } from "../../recipes/recipe-paths.js";
import type {
  InstructReport,
  RunEstimate,
} from "../../reporting/instruct/schema.js";
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
import {
  DATA_STAGES,
  makeTasks,
  type MakeOptions,
} from "../instruct-stages/make-tasks.js";
import { refuseEmptyData } from "../instruct-stages/nothing-accepted.js";
import { writeOutputs } from "../instruct-stages/write-outputs.js";
import { countGivenUp, refuseIncomplete } from "../run/unanswered.js";
import { withRun, type OpenRun, type RunOpening } from "../run/with-run.js";
import type { WithAuthor } from "./open-author.js";
import { keptEstimate, probe } from "./probe.js";
import {
  forgiving,
  readRecordedRun,
  recordedSource,
  type RecordedRun,
} from "./replay.js";
import { recordedState, requireSameSeeds, resumption } from "./resumption.js";
import { withStateOfRun } from "./stopped-run.js";

interface SessionOptions extends RunOpening {
  readonly settings: InstructSettings;
  readonly withAuthor: WithAuthor;
  /** Folder of the run whose answers are judged anew. */
  readonly replay?: string;
  /** Prompts of a world of its own; those of the language and style when absent. */
  readonly prompts?: PromptSet;
  readonly signal: AbortSignal;
}

export interface InstructOptions
  extends SessionOptions, Pick<MakeOptions, "onYield"> {
  /** Prompts of an evaluation set, to look for overlap with. */
  readonly evaluation?: readonly string[];
  /** Told before the first instruction is accepted, unless it was told before or the run is a replay. */
  readonly onEstimate?: (estimate: RunEstimate) => void;
}

/**
 * Runs or continues a run; returns the report it wrote.
 * @throws BUDGET when a limit was reached (the run can go on with a higher one),
 *   GATE when nothing was accepted or no instruction got an instance, ENDPOINT also when
 *   everything is written but some questions were given up, INTERRUPTED, BAD_INPUT for
 *   seeds, LEDGER for other settings
 */
export async function runInstruct(
  options: InstructOptions,
): Promise<InstructReport> {
  return withSession(options, async (context, source) => {
    const estimate =
      source === undefined
        ? await estimateOnce(context, options.onEstimate)
        : undefined;
    const { ledger, settings } = context;
    const { onYield } = options;
    const made = await makeTasks(context, defined({ source, onYield })).catch(
      (error: unknown) => {
        throw withStateOfRun(error, { ledger, wanted: settings.accept });
      },
    );
    if (countGivenUp(ledger) === 0) ledger.finish();
    const report = await writeOutputs(context, options, { ...made, estimate });
    refuseIncomplete(ledger);
    refuseEmptyData(report);
    return report;
  });
}

/** Told only when the probe is done now. */
async function estimateOnce(
  context: InstructContext,
  tell: InstructOptions["onEstimate"],
): Promise<RunEstimate> {
  const kept = keptEstimate(context);
  if (kept !== undefined) return kept;
  const estimate = await probe(context);
  tell?.(estimate);
  return estimate;
}

/**
 * Only the probe: what the whole run would take. What it buys, the run uses.
 * @throws as `runInstruct`
 */
export async function estimateInstruct(
  options: SessionOptions,
): Promise<RunEstimate> {
  return withSession(options, (context) => estimateOnce(context, undefined));
}

/**
 * Opens folder, seeds and model, records what the run is made with, and works.
 * @param work is given in a replay the answers that were recorded
 * @throws BAD_INPUT for seeds, LEDGER for a folder of other settings, and what `work` throws
 */
async function withSession<T>(
  options: SessionOptions,
  work: (context: InstructContext, source?: InstructionSource) => Promise<T>,
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
    return withAnswers(replay, run, (store, recorded) =>
      options.withAuthor(
        {
          store,
          kept: () => run.ledger.answers.all(),
          spent: run.ledger.answers.totals(),
          emit: run.emit,
          ...defined({ replayOf: replay }),
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
          if (recorded === undefined) return work(context);
          const asked = { ...context, author: opened };
          return work(context, recordedSource(asked, recorded));
        },
      ),
    );
  });
}

/** Answers are kept in this run's ledger, or in a replay taken from the other's. */
async function withAnswers<T>(
  replay: string | undefined,
  run: Pick<OpenRun, "ledger">,
  use: (store: AnswerStore, recorded?: RecordedRun) => Promise<T>,
): Promise<T> {
  if (replay === undefined) {
    // The run's ledger may be made anew meanwhile.
    const store: AnswerStore = {
      get: (key) => run.ledger.answers.get(key),
      put: (key, answer) => {
        run.ledger.answers.put(key, answer);
      },
    };
    return use(store);
  }
  const source = openLedger({ path: join(replay, LEDGER_FILE), mode: "write" });
  try {
    return await use(readOnly(source.answers), readRecordedRun(source));
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
