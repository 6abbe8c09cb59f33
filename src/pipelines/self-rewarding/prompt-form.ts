/**
 * @file How the models of a run are spoken to: in messages, or in text without a
 * template.
 */
import type { Checkpoint } from "../../checkpoints/checkpoint.js";
import type { Prompt } from "../../data/records.js";
import { optionsAreTokens } from "../../models/encode-options.js";
import { encodePair } from "../../models/encode-rows.js";
import type { SelfRewardingRecipe } from "../../recipes/self-rewarding.js";
import { formOf } from "../../rewarding/judge.js";
import { fillSlots } from "../../rewarding/rubric.js";

export interface PromptForm {
  readonly ask: (prompt: string) => Prompt;
  readonly answer: (text: string) => Prompt;
}

export function promptForm(
  { hasChatTemplate }: Pick<Checkpoint["tokenizer"], "hasChatTemplate">,
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

/**
 * Renders one exchange, so that a template that throws is found at once.
 * @returns whether each score of the recipe's judge is one token, so that it can be weighed
 * @throws BAD_CHECKPOINT when the chat template refuses a plain exchange
 */
export async function weighsScores(
  { tokenizer }: Checkpoint,
  recipe: SelfRewardingRecipe,
): Promise<boolean> {
  const form = promptForm(tokenizer, recipe);
  const [prompt, completion] = [form.ask("Hello"), form.answer("Hello")];
  await encodePair(tokenizer, { prompt, completion });
  const { introduction: prefix, scale } = formOf(recipe.judge);
  return optionsAreTokens(tokenizer, { prompt, prefix, options: scale.texts });
}
