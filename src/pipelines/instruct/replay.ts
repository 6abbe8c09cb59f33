/**
 * @file Filters applied anew to what an earlier run was answered, at no cost.
 *
 * The recorded run's requests are rebuilt from its accepted instructions and its
 * settings, so they do not depend on today's parsers and filters; their answers
 * come from its ledger, and these are read and judged anew. Questions about an
 * instruction that the recorded run had not accepted have no answer there: they
 * fail, and are counted.
 */
import { dirname, resolve } from "node:path";
import { INSTRUCTION_STAGE } from "../../instruct/stages.js";
import { AutodidactError } from "../../foundation/error.js";
import { randomStream } from "../../foundation/random.js";
import { InstructionPool } from "../../instruct/pool.js";
import type { LedgerReader } from "../../ledger/ledger.js";
import type { Author, AuthorSource, Reply } from "../instruct-stages/author.js";
import { answersSeen } from "../../instruct/bootstrap-lag.js";
import {
  instructionRequest,
  type InstructionSource,
} from "../instruct-stages/instruction-source.js";
import type { InstructContext } from "../instruct-stages/instruct-context.js";
import {
  instructSettingsSchema,
  type InstructSettings,
} from "../../recipes/instruct.js";

/** What a finished or stopped run asked for, as far as it was committed. */
export interface RecordedRun {
  /** In order of acceptance, each with the request it came from. */
  readonly accepted: readonly {
    readonly instruction: string;
    readonly request: number;
  }[];
  /** Requests that the endpoint refused for good. */
  readonly refused: ReadonlySet<number>;
  /** Pieces of answers that were judged; no replay can accept more. */
  readonly pieces: number;
}

/** What a run was made with, as it recorded it. */
export interface RecordedRecipe {
  readonly settings: InstructSettings;
  /** Identity of the model that answered. */
  readonly model: string;
  /** How it was reached. */
  readonly source: AuthorSource;
}

/** @throws BAD_INPUT when the ledger is none of a Self-Instruct run */
export function readRecordedRecipe(ledger: LedgerReader): RecordedRecipe {
  const recipe = ledger.run()?.recipe as
    Readonly<Record<string, unknown>> | undefined;
  const {
    model,
    prompts,
    replay,
    source,
    seedTasks: _seedTasks,
    ...settings
  } = recipe ?? {};
  const folder = dirname(ledger.path);
  const parsed = instructSettingsSchema.safeParse(settings);
  if (!parsed.success || typeof model !== "string" || source === undefined) {
    throw new AutodidactError(
      "BAD_INPUT",
      `${ledger.path} is not the ledger of a Self-Instruct run of this version. Give the folder of a run made by \`autodidact instruct\`.`,
      { path: ledger.path },
    );
  }
  if (typeof replay === "string") {
    throw new AutodidactError(
      "BAD_INPUT",
      `${ledger.path} is itself a replay and holds no answers. Replay the run that it was made from, ${resolve(folder, replay)}.`,
      { path: ledger.path, replay, prompts: String(prompts) },
    );
  }
  const { seeds } = parsed.data;
  return {
    settings: {
      ...parsed.data,
      seeds: seeds === null ? null : resolve(folder, seeds),
    },
    model,
    source: source as AuthorSource,
  };
}

/** @throws BAD_INPUT when the run never got to its instructions */
export function readRecordedRun(ledger: LedgerReader): RecordedRun {
  const stage = INSTRUCTION_STAGE;
  const counts = ledger.counts().find(({ name }) => name === stage);
  if (counts === undefined || counts.requested === 0) {
    throw new AutodidactError(
      "BAD_INPUT",
      `${ledger.path} records no answers to requests for instructions. Give the folder of a Self-Instruct run that has begun.`,
      { path: ledger.path },
    );
  }
  const requestOf = (evidence: unknown): number =>
    (evidence as { readonly request: number }).request;
  return {
    accepted: [...ledger.read("prompts", { stage })].map(
      ({ text, evidence }) => ({
        instruction: text,
        request: requestOf(evidence),
      }),
    ),
    refused: new Set(
      [
        ...ledger.read("rejections", {
          stage,
          where: { subject: "request" },
        }),
      ].map(({ evidence }) => requestOf(evidence)),
    ),
    pieces: counts.requested,
  };
}

/** The recorded requests and their answers. */
export function recordedSource(
  context: InstructContext,
  recorded: RecordedRun,
): InstructionSource {
  const { settings, seeds, author } = context;
  const pool = new InstructionPool(seeds.map((seed) => seed.instruction));
  for (const { instruction } of recorded.accepted) pool.add(instruction);
  return {
    examples: (index) => {
      const seen = answersSeen(index, settings.inFlight);
      const after = recorded.accepted.findIndex(
        ({ request }) => request >= seen,
      );
      return pool.sample(
        settings.examples,
        randomStream(settings.seed, "examples", index),
        after < 0 ? recorded.accepted.length : after,
      );
    },
    ask: async (index, examples) => {
      if (recorded.refused.has(index)) return { refusal: refusedBefore(index) };
      try {
        return await author.ask(instructionRequest(context, index, examples));
      } catch (error) {
        // The first request is always recorded: without it nothing fits.
        if (index > 0 && isNotRecorded(error)) return undefined;
        throw error;
      }
    },
  };
}

/** `author`, whose unanswered questions are refusals, so that they are counted. */
export function forgiving(author: Author): Author {
  return {
    ...author,
    ask: async (request): Promise<Reply> => {
      try {
        return await author.ask(request);
      } catch (error) {
        if (isNotRecorded(error)) return { refusal: error };
        throw error;
      }
    },
  };
}

function isNotRecorded(error: unknown): error is AutodidactError {
  return error instanceof AutodidactError && error.code === "BAD_INPUT";
}

function refusedBefore(index: number): AutodidactError {
  return new AutodidactError(
    "ENDPOINT",
    `The endpoint refused request ${index} of the recorded run, so there is no answer to it.`,
    { request: index },
  );
}
