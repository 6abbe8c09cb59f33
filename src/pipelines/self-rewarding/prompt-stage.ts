/**
 * @file The model writes new prompts from examples of the pool (Self-Rewarding,
 * section 2.2; filters of Self-Instruct, section 2.2).
 *
 * Requests go in batches; each batch sees the pool as the batches before left it, and
 * its answers enter in request order, so the prompts follow from recipe and seed. The
 * stage is written in one transaction at its end: half a pool is never resumed from.
 * What is refused is recorded with rule and nearest neighbour.
 */
import type { Prompt } from "../../data/records.js";
import type {
  Completion,
  LanguageModel,
} from "../../generation/language-model.js";
import { derivedSeed, randomStream } from "../../foundation/random.js";
import { crashPoint } from "../../foundation/crash-point.js";
import { mean } from "../../foundation/statistics.js";
import type { Stage } from "../../ledger/stage.js";
import type { VerifiedPrompt } from "../../evaluation/verifiers/verifier.js";
import { counted } from "../../text/number-words.js";
import { measuredPrompts } from "../../evaluation/evaluation-sets.js";
import {
  PromptFilter,
  type PromptRefusal,
} from "../../rewarding/prompt-filter.js";
import {
  countsOfKept,
  runStage,
  stageProgress,
  stopIfAsked,
} from "../run/run-stage.js";
import type { TrainedModel } from "../run/model-stages.js";
import { promptsOfRound } from "./prompt-file.js";
import type { RunContext } from "./run-context.js";
import { promptRequest, seedPromptKeys } from "./teaching-rows.js";

export interface WrittenPrompt {
  readonly rowId: number;
  readonly text: string;
}

export interface PromptStageOutput {
  /** Null where they come from a file. */
  readonly written: number | null;
  /** Distinct texts over texts written, before any filter. */
  readonly distinct: number | null;
  /** Mean ROUGE-L of the kept prompts to their nearest pool member. */
  readonly similarity: number | null;
  readonly rejections: Readonly<Record<string, number>>;
}

/** Requests answered at once. */
const BATCH = 256;

/**
 * Prompts of round `round`: of the recipe's file, or written by `author`; earlier rounds'
 * prompts are in the pool.
 */
export async function promptStage(
  context: RunContext,
  round: number,
  author: TrainedModel,
): Promise<{
  readonly prompts: readonly WrittenPrompt[];
  readonly output: PromptStageOutput;
}> {
  const { recipe, data } = context;
  const name = `round-${round}/prompts`;
  const { file: _file, ...settings } = recipe.prompts;
  const { stage, output } = await runStage<PromptStageOutput>(
    context,
    data.prompts === null
      ? {
          name,
          title: `${settings.endpoint?.model ?? author.id} writes new prompts`,
          inputs: {
            ...(settings.endpoint === undefined && {
              author: author.weightHash,
            }),
            settings,
          },
          work: (opened) =>
            writePrompts(context, { stage: opened, round, author }),
        }
      : takenPrompts(name, promptsOfRound(data.prompts, recipe, round)),
  );
  return { prompts: recordedPrompts(stage), output };
}

/** What a stage recorded as prompts. */
export function recordedPrompts(stage: Stage): WrittenPrompt[] {
  return [...stage.read("prompts")].map(({ id, text }) => ({
    rowId: id,
    text,
  }));
}

/** The stage that takes the prompts of a round as they stand in a file. */
export function takenPrompts(name: string, rows: readonly VerifiedPrompt[]) {
  return {
    name,
    title: `${counted(rows.length, "prompt")} of the recipe's file`,
    inputs: rows,
    work: (stage: Stage) => {
      stage.insertPrompts(
        rows.map(({ prompt: text }, i) => ({
          key: `row-${i}`,
          text,
          origin: "file",
        })),
      );
      crashPoint("prompts-written");
      return {
        counts: countsOfKept(rows.length),
        output: {
          ...{ written: null, distinct: null, similarity: null },
          rejections: {},
        },
      };
    },
  };
}

/** An example for the author: a seed row, or a prompt written in an earlier batch or round. */
interface Example {
  readonly text: string;
  readonly source: "seed" | "own";
  /** Row in the ledger; null until this stage's prompts are written there. */
  rowId: number | null;
}

interface Pool {
  readonly filter: PromptFilter;
  readonly seeds: readonly Example[];
  readonly own: Example[];
}

interface Answer {
  readonly request: number;
  readonly examples: readonly Example[];
  readonly completion: Completion;
}

/** What became of one answer. */
type Admission = Answer &
  (
    | { readonly member: Example; readonly similarity: number | null }
    | { readonly refusal: PromptRefusal }
  );

async function writePrompts(
  context: RunContext,
  step: {
    readonly stage: Stage;
    readonly round: number;
    readonly author: TrainedModel;
  },
) {
  const { host, recipe, form } = context;
  const { stage, author } = step;
  const pool = openPool(context, stage);
  const asking = { ...step, pool };
  const outside = recipe.prompts.endpoint !== undefined;
  const admissions = outside
    ? await context.withOutside("prompts", (model) =>
        askUntilEnough(context, { ...asking, model, ask: asMessage }),
      )
    : await host.withModel(author.path, (model) =>
        askUntilEnough(context, { ...asking, model, ask: form.ask }),
      );
  const modelId = outside ? null : author.rowId;
  context.ledger.transaction(() => record(stage, modelId, admissions));
  crashPoint("prompts-written");
  const refused = admissions.flatMap((each) =>
    "refusal" in each ? [each.refusal] : [],
  );
  const rejections: Record<string, number> = {};
  for (const { rule } of refused)
    rejections[rule] = (rejections[rule] ?? 0) + 1;
  const similarities = admissions.flatMap((each) =>
    "member" in each && each.similarity !== null ? [each.similarity] : [],
  );
  const texts = admissions.map(({ completion }) => completion.text.trim());
  return {
    counts: {
      requested: texts.length,
      accepted: stage.count("prompts"),
      rejected: refused.length,
      failed: 0,
    },
    output: {
      written: texts.length,
      distinct: texts.length === 0 ? null : new Set(texts).size / texts.length,
      similarity: mean(similarities),
      rejections,
    },
  };
}

function asMessage(content: string): Prompt {
  return [{ role: "user", content }];
}

/** Asks batch after batch until enough prompts are accepted or the limit is reached. */
async function askUntilEnough(
  context: RunContext,
  step: {
    readonly stage: Stage;
    readonly round: number;
    readonly model: LanguageModel;
    readonly ask: (content: string) => Prompt;
    readonly pool: Pool;
  },
): Promise<Admission[]> {
  const { prompts: settings } = context.recipe;
  const limit = Math.ceil(settings.count * settings.maxRequestsPerPrompt);
  const admissions: Admission[] = [];
  let accepted = 0;
  while (accepted < settings.count && admissions.length < limit) {
    stopIfAsked(context.signal);
    const first = admissions.length;
    const count = Math.min(BATCH, limit - first);
    for (const answer of await askBatch(context, { ...step, first, count })) {
      const full = accepted >= settings.count;
      const admission = full
        ? { ...answer, refusal: { rule: "surplus" as const } }
        : admit(step.pool, answer);
      accepted += Number("member" in admission);
      admissions.push(admission);
    }
    context.emit(
      stageProgress(step.stage, [accepted, settings.count], "prompts"),
    );
  }
  return admissions;
}

/** Seed prompts and everything accepted in earlier rounds. */
function openPool(context: RunContext, stage: Stage): Pool {
  const { recipe, ledger, data } = context;
  const keys = new Set(seedPromptKeys(data).values());
  const seeds = [...ledger.read("seed_tasks")]
    .filter(({ key }) => keys.has(key))
    .map(({ id, instruction }): Example => ({
      text: instruction,
      source: "seed",
      rowId: id,
    }));
  // Rows of this stage are there already when it was killed before its end was recorded.
  const own = [...ledger.read("prompts", { where: { origin: "generated" } })]
    .filter(({ stageId }) => stageId !== stage.id)
    .map(({ id, text }): Example => ({ text, source: "own", rowId: id }));
  const filter = new PromptFilter(
    [...seeds, ...own].map(({ text }) => text),
    measuredPrompts(data),
    recipe.prompts,
  );
  return { filter, seeds, own };
}

async function askBatch(
  context: RunContext,
  step: {
    readonly model: LanguageModel;
    readonly ask: (content: string) => Prompt;
    readonly pool: Pool;
    readonly round: number;
    readonly first: number;
    readonly count: number;
  },
): Promise<Answer[]> {
  const { recipe, signal } = context;
  const { model, ask, pool, round, first, count } = step;
  const { prompts: settings } = recipe;
  const { temperature, topP, topK, maxTokens } = settings;
  const shown = Array.from({ length: count }, (_, i) => {
    const place = ["round", round, "examples", first + i];
    const random = randomStream(recipe.seed, ...place);
    const own = random.sample(pool.own, settings.ownExamples);
    // Until the model has written some, seeds take the places of its own.
    const seeds = random.sample(
      pool.seeds,
      settings.seedExamples + settings.ownExamples - own.length,
    );
    return random.shuffle([...seeds, ...own]);
  });
  const completions = await model.generate(
    shown.map((examples, i) => ({
      prompt: ask(
        promptRequest(
          examples.map(({ text }) => text),
          settings,
        ),
      ),
      ...{ n: 1, temperature, topP, topK, maxTokens, stop: [] },
      seed: derivedSeed(recipe.seed, "round", round, "prompts", first + i),
    })),
    { signal },
  );
  return shown.map((examples, i) => ({
    request: first + i,
    examples,
    completion: (completions[i] as readonly Completion[])[0] as Completion,
  }));
}

/** Takes a written prompt into the pool, or says why not. */
function admit({ filter, own }: Pool, answer: Answer): Admission {
  const verdict = filter.offer(answer.completion);
  if ("refusal" in verdict) return { ...answer, ...verdict };
  const text = answer.completion.text.trim();
  const member: Example = { text, source: "own", rowId: null };
  own.push(member);
  return { ...answer, member, ...verdict };
}

/** Writes accepted prompts with their sources, and rejections with their rules. */
function record(
  stage: Stage,
  modelId: number | null,
  admissions: readonly Admission[],
): void {
  for (const admission of admissions) {
    const key = `request-${admission.request}`;
    const text = admission.completion.text.trim();
    if ("refusal" in admission) {
      stage.insert("rejections", [
        { key, subject: "prompt", text, ...admission.refusal },
      ]);
      continue;
    }
    const sources = admission.examples.map(({ source, rowId }) =>
      source === "seed"
        ? { seedTaskId: rowId as number }
        : { sourcePromptId: rowId as number },
    );
    const [rowId = null] = stage.insertPrompts([
      { key, text, origin: "generated", modelId, sources },
    ]);
    admission.member.rowId = rowId;
  }
}
