/**
 * @file M0 as a run finds it: a checkpoint folder, an adapter folder or a Hub id,
 * opened and tried before anything is written.
 *
 * A run keeps the base it began with: the commit of a Hub id is recorded with M0 and
 * asked for again when the run goes on, and weights that changed meanwhile are refused.
 */
import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import type { Checkpoint } from "../../checkpoints/checkpoint.js";
import { resolveModel } from "../../checkpoints/hub/hub.js";
import { openWholeModel } from "../../checkpoints/open-model.js";
import { parameterCount } from "../../checkpoints/weights/parameter-table.js";
import type { Prompt } from "../../data/records.js";
import { AutodidactError } from "../../foundation/error.js";
import { leadIn, SCORE_TEXTS } from "../../rewarding/judge.js";
import { fillSlots } from "../../rewarding/rubric.js";
import { openLedger } from "../../ledger/ledger.js";
import { optionsAreTokens } from "../../models/encode-options.js";
import { encodePair } from "../../models/encode-rows.js";
import type { SelfRewardingRecipe } from "../../recipes/self-rewarding.js";

export interface BaseModel {
  /** Where it lies on this machine. */
  readonly folder: string;
  /** As the run records it: the folder from the run folder, or owner/name@commit. */
  readonly name: string;
  readonly weightHash: string;
  /** Weights of the model. */
  readonly parameters: number;
  /** Longest sequence it handles, in tokens. */
  readonly maxPositions: number;
  readonly hasChatTemplate: boolean;
  /** Whether each score of the recipe's judge is one token, so that it can be weighed. */
  readonly weighsScores: boolean;
}

/**
 * Opens the base of a run.
 * @param folder the run folder, which need not exist yet
 * @throws BAD_CHECKPOINT, ENDPOINT, STORAGE as `openModel` does; BAD_CHECKPOINT when the
 *   chat template refuses a plain exchange; LEDGER when the base is another than before
 */
export async function openBase(
  folder: string,
  recipe: SelfRewardingRecipe,
  signal: AbortSignal,
): Promise<BaseModel> {
  const recorded = recordedBase(folder);
  const revision = commitOf(recorded?.name ?? "") ?? recipe.revision;
  const options = { signal, ...(revision === null ? {} : { revision }) };
  const found = await resolveModel(recipe.base, options);
  const checkpoint = await openWholeModel(found.folder, { signal });
  const weightHash = await checkpoint.weightHash();
  if (recorded !== null && recorded.weightHash !== weightHash) {
    throw new AutodidactError(
      "LEDGER",
      `The base model ${recipe.base} is not the one that the run in ${folder} began with: its weights, tokenizer or configuration changed. Put the old one back, or start anew in another folder with --run-dir.`,
      { path: folder, expected: recorded.weightHash, found: weightHash },
    );
  }
  const { config, tokenizer } = checkpoint;
  return {
    folder: found.folder,
    name:
      found.commit === null
        ? relative(folder, found.folder)
        : `${recipe.base.replace(/@.*$/, "")}@${found.commit}`,
    weightHash,
    parameters: parameterCount(config),
    maxPositions: config.maxPositions,
    hasChatTemplate: tokenizer.hasChatTemplate,
    weighsScores: tryExchange(checkpoint, recipe),
  };
}

/** How the models of a run are spoken to: in messages, or in text without a template. */
export interface PromptForm {
  readonly ask: (prompt: string) => Prompt;
  readonly answer: (text: string) => Prompt;
}

export function promptForm(
  { hasChatTemplate }: Pick<BaseModel, "hasChatTemplate">,
  { plainPrompt }: Pick<SelfRewardingRecipe, "plainPrompt">,
): PromptForm {
  return hasChatTemplate
    ? {
        ask: (content) => [{ role: "user", content }],
        answer: (content) => [{ role: "assistant", content }],
      }
    : {
        ask: (prompt) => fillSlots(plainPrompt, { prompt }),
        answer: (text) => text,
      };
}

/** Renders one exchange, so that a template that throws is found at once; then looks at the scores. */
function tryExchange(
  { tokenizer }: Checkpoint,
  recipe: SelfRewardingRecipe,
): boolean {
  const form = promptForm(tokenizer, recipe);
  const [prompt, completion] = [form.ask("Hello"), form.answer("Hello")];
  encodePair(tokenizer, { prompt, completion });
  const prefix = leadIn(recipe.judge.answer).replace(/^.*\}/s, "");
  return optionsAreTokens(tokenizer, { prompt, prefix, options: SCORE_TEXTS });
}

/** M0 as the ledger of an earlier process has it. */
function recordedBase(
  folder: string,
): { readonly name: string; readonly weightHash: string } | null {
  const path = join(folder, "ledger.db");
  if (!existsSync(path)) return null;
  const ledger = openLedger({ path, mode: "read" });
  try {
    const row = [...ledger.read("models")].find(({ name }) => name === "M0");
    return row === undefined
      ? null
      : { name: row.path, weightHash: row.weightHash };
  } finally {
    ledger.close();
  }
}

function commitOf(name: string): string | null {
  return /@([0-9a-f]{40})$/.exec(name)?.[1] ?? null;
}
