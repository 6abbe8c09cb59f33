/**
 * @file A run folder opened with its model: everything that has to be right before
 * the first question is asked, and let go of whatever happens.
 */
import { join, resolve } from "node:path";
import { stringify } from "yaml";
import type { SeedTask } from "../../data/formats/instruction-records.js";
import { readSeedFile } from "../../data/formats/seed-file.js";
import type { EventListener, RunEnd } from "../../events/run-event.js";
import { AutodidactError } from "../../foundation/error.js";
import { hashOf } from "../../foundation/hash.js";
import { makeFolder, writeFileAtomic } from "../../foundation/storage.js";
import {
  LANGUAGE_PACKS,
  rulesWithout,
} from "../../instruct/language-packs/check.js";
import { bundledPrompts } from "../../instruct/prompts/bundled-prompts.js";
import type { PromptSet } from "../../instruct/prompts/prompt-set.js";
import { readBundledSeeds } from "../../instruct/seed-set.js";
import type { CallTotals } from "../../ledger/call-cache.js";
import { requireRunFolder } from "../../ledger/run-folder.js";
import { openLedger, type Ledger } from "../../ledger/ledger.js";
import type { Environment } from "../../ledger/run-record.js";
import type { CallStore, StoredCall } from "../../answers/call-store.js";
import type { Asker } from "./asker.js";
import { keptCalls, ledgerCallStore } from "./ledger-call-store.js";
import { forgivingAsker, readRecordedRun, type RecordedRun } from "./replay.js";
import { requireRoomForAnswers, warnOfShortAnswers } from "./context-check.js";
import { changesAccept, isOtherAndEmpty } from "./change-accept.js";
import { removeLedger, renewLedger } from "./renew-ledger.js";
import type { InstructContext } from "./run-context.js";
import { requireSameSeeds, seedsHash } from "./same-seeds.js";
import {
  resolveSettings,
  samplingOf,
  type InstructSettings,
  type ResolvedSettings,
} from "../../recipes/instruct.js";
import { countGivenUp } from "./unanswered.js";

/** What the one who opens the model is given. */
export interface AskerParts {
  /** Answers are kept in it and taken from it. */
  readonly store: CallStore;
  /** Every answer that the run has by then. */
  readonly kept: () => Iterable<readonly [key: string, call: StoredCall]>;
  /** What the run has used so far, for its budget. */
  readonly spent: CallTotals;
  /** Folder of the recorded run; nothing may be computed or bought. */
  readonly replayOf?: string;
  /** Told when the model makes everybody wait. */
  readonly emit: EventListener;
}

/** Opens the model for one piece of work and lets go of it afterwards. */
export type WithAsker = <T>(
  parts: AskerParts,
  use: (asker: Asker) => Promise<T>,
) => Promise<T>;

export interface SessionOptions {
  readonly folder: string;
  readonly settings: InstructSettings;
  readonly withAsker: WithAsker;
  /** Folder of the run whose answers are judged anew. */
  readonly replay?: string;
  /** Prompts of a world of its own; those of the language and style when absent. */
  readonly prompts?: PromptSet;
  readonly environment: Environment;
  readonly emit: EventListener;
  readonly signal: AbortSignal;
  /** Seconds since some fixed moment; only for durations. */
  readonly now: () => number;
}

export interface Session {
  readonly context: InstructContext;
  /** In a replay: what was recorded, and who knows the answers. */
  readonly recorded?: { readonly run: RecordedRun; readonly asker: Asker };
}

/**
 * Opens folder, seeds and model, records what the run is made with, and works.
 * @throws BAD_INPUT for seeds, LEDGER for a folder of other settings, and what `work` throws
 */
export async function withSession<T>(
  options: SessionOptions,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const { folder, settings, emit, now } = options;
  const bundled = await readBundledSeeds(settings.language);
  const seeds =
    settings.seeds === null ? bundled : await readSeedFile(settings.seeds);
  if (
    options.replay !== undefined &&
    resolve(options.replay) === resolve(folder)
  ) {
    throw new AutodidactError(
      "USAGE",
      `A replay needs a folder of its own: ${folder} is the run whose answers it judges. Give another --run-dir.`,
      { folder },
    );
  }
  requireRunFolder(folder);
  await makeFolder(folder);
  const started = now();
  let outcome: RunEnd["outcome"] = "complete";
  try {
    const first = await openSession(options, { seeds, bundled }, work);
    if (typeof first === "object") return first.result;
    const path = join(folder, LEDGER_FILE);
    if (first === EMPTY) await removeLedger(path);
    else await renewLedger(path, { accept: settings.accept });
    const second = await openSession(options, { seeds, bundled }, work);
    if (typeof second === "object") return second.result;
    throw new AutodidactError(
      "LEDGER",
      `The ledger of ${folder} could not be made anew from its recorded answers. Choose another folder with --run-dir.`,
      { folder },
    );
  } catch (error) {
    outcome = error instanceof AutodidactError ? error.code : "NUMERIC";
    throw error;
  } finally {
    emit({ type: "run-end", folder, outcome, seconds: now() - started });
  }
}

const LEDGER_FILE = "ledger.db";
/** Rows of the ledger have to come out differently, so it has to be made anew. */
const OUTDATED = Symbol("outdated");
/** Another run was begun here and came to nothing; its ledger has to go. */
const EMPTY = Symbol("empty");

async function openSession<T>(
  options: SessionOptions,
  tasks: {
    readonly seeds: readonly SeedTask[];
    readonly bundled: readonly SeedTask[];
  },
  work: (session: Session) => Promise<T>,
): Promise<{ readonly result: T } | typeof OUTDATED | typeof EMPTY> {
  const { folder, emit, replay } = options;
  const ledger = openLedger({ path: join(folder, LEDGER_FILE), mode: "write" });
  try {
    requireSameSeeds(ledger, options.settings, tasks.seeds);
    return await withSource(options, ledger, ({ store, recorded }) =>
      options.withAsker(
        {
          store,
          kept: () => keptCalls(ledger.calls),
          spent: ledger.calls.totals(),
          emit,
          ...(replay === undefined ? {} : { replayOf: replay }),
        },
        async (asker) => {
          const context = instructContext(options, {
            asker: recorded === undefined ? asker : forgivingAsker(asker),
            ledger,
            ...tasks,
          });
          const recipe = recipeOf(context, options);
          if (isOtherAndEmpty(ledger, recipe)) return EMPTY;
          if (isOutdated(ledger, recipe, options.folder)) return OUTDATED;
          requireRoomForAnswers(context);
          await begin(context, recipe, options);
          warnOfShortAnswers(context);
          const result = await work({
            context,
            ...(recorded === undefined
              ? {}
              : { recorded: { run: recorded, asker } }),
          });
          return { result };
        },
      ),
    );
  } finally {
    ledger.close();
  }
}

/**
 * Whether the recorded run goes on with rows that have to come out differently: it is
 * asked for another number of instructions, or some of its questions were given up.
 * @throws LEDGER when it is asked for fewer instructions than were accepted already
 */
function isOutdated(
  ledger: Ledger,
  recipe: ReturnType<typeof recipeOf>,
  folder: string,
): boolean {
  if (changesAccept(ledger, recipe, folder)) return true;
  return (
    countGivenUp(ledger) > 0 && ledger.run()?.recipeHash === hashOf(recipe)
  );
}

/** Answers are kept in this run's ledger, or in a replay taken from the other's. */
async function withSource<T>(
  { replay }: SessionOptions,
  ledger: Ledger,
  use: (source: {
    readonly store: CallStore;
    readonly recorded: RecordedRun | undefined;
  }) => Promise<T>,
): Promise<T> {
  if (replay === undefined) {
    return use({ store: ledgerCallStore(ledger.calls), recorded: undefined });
  }
  const source = openLedger({ path: join(replay, "ledger.db"), mode: "write" });
  try {
    const recorded = readRecordedRun(source);
    const { get } = ledgerCallStore(source.calls);
    return await use({ store: { get, put: () => undefined }, recorded });
  } finally {
    source.close();
  }
}

/** What the stages of a run with these settings are given. */
export function instructContext(
  options: Pick<
    SessionOptions,
    "settings" | "prompts" | "emit" | "signal" | "now"
  >,
  parts: {
    readonly asker: Asker;
    readonly ledger: Ledger;
    readonly seeds: readonly SeedTask[];
    readonly bundled: readonly SeedTask[];
  },
): InstructContext {
  const { asker, ledger, seeds, bundled } = parts;
  const settings = resolveSettings(options.settings, asker.style);
  const enabled = rulesWithout(settings.withoutRules);
  return {
    ledger,
    settings,
    sampling: samplingOf(settings),
    seeds,
    pack: LANGUAGE_PACKS[settings.language],
    prompts: options.prompts ?? promptsOf(settings, bundled),
    enabled,
    asker,
    emit: options.emit,
    signal: options.signal,
    now: options.now,
  };
}

/** The prompts of a language and style. */
export function promptsOf(
  settings: ResolvedSettings,
  bundledSeeds: readonly SeedTask[],
): PromptSet {
  const { language, style, withoutRules, newInstructions, maxInstances } =
    settings;
  return bundledPrompts({
    language,
    style,
    bundledSeeds,
    enabled: rulesWithout(withoutRules),
    newInstructions,
    maxInstances,
  });
}

/** What the run is made with, as it is recorded. */
function recipeOf(
  { settings, seeds, asker, prompts }: InstructContext,
  { replay }: SessionOptions,
) {
  return {
    ...settings,
    seedTasks: seedsHash(seeds),
    model: asker.identity,
    source: asker.source,
    prompts: prompts.id,
    replay: replay ?? null,
  };
}

/** Records the run, or checks that it is the recorded one. */
async function begin(
  { ledger, settings }: InstructContext,
  recipe: ReturnType<typeof recipeOf>,
  { environment, emit, folder }: SessionOptions,
): Promise<void> {
  const resumed = ledger.run() !== undefined;
  ledger.recordRun({ recipe, seed: settings.seed, environment });
  await writeFileAtomic(join(folder, "recipe.yaml"), stringify(settings));
  emit({
    type: "run-start",
    folder,
    recipe: settings.name,
    seed: settings.seed,
    resumed,
  });
}
