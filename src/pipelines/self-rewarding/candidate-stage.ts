/**
 * @file Several answers to each prompt by the current model; identical ones are merged.
 */
import { counted } from "../../text/number-words.js";
import { crashPoint } from "../../foundation/crash-point.js";
import { derivedSeed } from "../../foundation/random.js";
import type { Completion } from "../../generation/language-model.js";
import type { SelfRewardingRecipe } from "../../recipes/self-rewarding.js";
import type { Candidate } from "../../rewarding/candidate.js";
import type { Stage } from "../../ledger/stage.js";
import { countsOfKept, inChunks, runStage } from "../run/run-stage.js";
import type { WrittenPrompt } from "./prompt-stage.js";
import type { TrainedModel } from "../run/model-stages.js";
import type { RunContext } from "./run-context.js";

/** Prompts answered and recorded together. */
const CHUNK = 256;

interface Answering {
  /** Of the stage. */
  readonly name: string;
  /** Of the seeds. */
  readonly purpose: readonly (string | number)[];
  readonly author: TrainedModel;
  readonly prompts: readonly WrittenPrompt[];
  readonly settings: SelfRewardingRecipe["candidates"];
}

/** `n` samples of every prompt; returns the distinct ones. */
export async function candidateStage(
  context: RunContext,
  step: Answering,
): Promise<readonly Candidate[]> {
  const { name, author, prompts, settings } = step;
  const { stage } = await runStage(context, {
    name,
    title: `${author.id} answers ${counted(prompts.length, "prompt")}, ${counted(settings.n, "time")} each`,
    inputs: {
      author: author.weightHash,
      settings,
      prompts: prompts.map(({ text }) => text),
    },
    work: async (opened) => {
      await writeCandidates(context, { ...step, stage: opened });
      const requested = prompts.length * settings.n;
      const kept = opened.count("candidates");
      // Merged duplicates are rejected rows of the balance.
      return {
        counts: countsOfKept(requested, kept),
        output: { merged: requested - kept },
      };
    },
  });
  return candidatesOf(stage, prompts);
}

/** What a stage recorded of answers to `prompts`. */
export function candidatesOf(
  stage: Stage,
  prompts: readonly WrittenPrompt[],
): readonly Candidate[] {
  const texts = new Map(prompts.map(({ rowId, text }) => [rowId, text]));
  return [...stage.read("candidates")].map((row) => ({
    rowId: row.id,
    promptId: row.promptId,
    prompt: texts.get(row.promptId) ?? "",
    text: row.text,
    finished: row.finishReason === "stop",
  }));
}

async function writeCandidates(
  context: RunContext,
  step: Answering & { readonly stage: Stage },
): Promise<void> {
  const { recipe, host, form, signal } = context;
  const { stage, purpose, author, prompts } = step;
  const { n, ...sampling } = step.settings;
  await host.withModel(author.path, (model) =>
    inChunks(context, {
      stage,
      items: prompts,
      size: CHUNK,
      unit: "prompts",
      isThere: ({ rowId }) =>
        stage.find("candidates", `${rowId}/0`) !== undefined,
      lanes: model.lanes,
      ask: (chunk) =>
        model.generate(
          chunk.map(({ text, rowId }) => ({
            ...sampling,
            prompt: form.ask(text),
            n,
            stop: [],
            seed: derivedSeed(recipe.seed, ...purpose, "candidates", rowId),
          })),
          { signal },
        ),
      keep: (chunk, answers) => {
        crashPoint("candidates-chunk");
        stage.insert(
          "candidates",
          chunk.flatMap((prompt, i) =>
            distinctRows(prompt, author, answers[i] ?? []),
          ),
        );
      },
    }),
  );
  crashPoint("candidates-written");
}

function distinctRows(
  prompt: WrittenPrompt,
  author: TrainedModel,
  samples: readonly Completion[],
) {
  const groups = new Map<
    string,
    { readonly sample: Completion; readonly index: number; count: number }
  >();
  samples.forEach((sample, index) => {
    const key = `${sample.finishReason}:${sample.text.trim()}`;
    const known = groups.get(key);
    if (known === undefined) groups.set(key, { sample, index, count: 1 });
    else known.count++;
  });
  return [...groups.values()].map(({ sample, index, count }) => ({
    key: `${prompt.rowId}/${index}`,
    promptId: prompt.rowId,
    modelId: author.rowId,
    sampleIndex: index,
    text: sample.text.trim(),
    tokens: sample.tokens,
    finishReason: sample.finishReason,
    mergedCount: count,
  }));
}
