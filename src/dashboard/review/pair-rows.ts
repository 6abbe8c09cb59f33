/**
 * @file A run's preference pairs as the reviewers left them, in the form that its own
 * data sets have.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { PreferenceRow, Prompt } from "../../data/records.js";
import { readJsonLines } from "../../foundation/json-lines.js";
import type { LedgerReader } from "../../ledger/ledger.js";
import { fillSlots } from "../../rewarding/rubric.js";
import { lastByRow, majority, recordedVerdicts } from "./recorded-verdicts.js";
import { pairContent } from "./review-items.js";

/** TRL takes no notice of what it does not know. */
interface ReviewedPairRow extends PreferenceRow {
  /** Who chose: the run's judge where nobody reviewed the pair. */
  readonly source: "judge" | "reviewer";
}

/** Every pair but those that reviewers found equal. */
export async function* reviewedPairs(
  ledger: LedgerReader,
  folder: string,
): AsyncGenerator<ReviewedPairRow> {
  const { ask, answer } = await formOf(ledger, folder);
  const verdicts = lastByRow(recordedVerdicts(ledger).pairs);
  for (const row of ledger.read("pairs")) {
    const said = verdicts.get(row.id);
    const better = said === undefined ? "chosen" : majority(said);
    if (better === "equal") continue;
    const { prompt, chosen, rejected } = pairContent(ledger, row);
    const [good, bad] =
      better === "chosen" ? [chosen, rejected] : [rejected, chosen];
    yield {
      prompt: ask(prompt),
      chosen: answer(good),
      rejected: answer(bad),
      source: said === undefined ? "judge" : "reviewer",
    };
  }
}

interface Form {
  readonly ask: (prompt: string) => Prompt;
  readonly answer: (text: string) => Prompt;
}

const MESSAGES: Form = {
  ask: (content) => [{ role: "user", content }],
  answer: (content) => [{ role: "assistant", content }],
};

const plainRecipe = z.object({ plainPrompt: z.string() });
const plainRow = z.object({ prompt: z.string() });

/**
 * How the run speaks to its models, as its first data set has it: in plain text where the
 * base has no chat template, else in messages; so too before there is a data set.
 */
async function formOf(ledger: LedgerReader, folder: string): Promise<Form> {
  const recipe = plainRecipe.safeParse(ledger.run()?.recipe);
  const isPlain = plainRow.safeParse(
    await firstTaught(join(folder, "datasets")),
  );
  if (!recipe.success || !isPlain.success) return MESSAGES;
  const { plainPrompt } = recipe.data;
  return {
    ask: (prompt) => fillSlots(plainPrompt, { prompt }),
    answer: (text) => text,
  };
}

async function firstTaught(datasets: string): Promise<unknown> {
  for (const name of namesIn(datasets))
    for await (const { value } of readJsonLines(join(datasets, name)))
      return value;
  return undefined;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith(".jsonl"));
  } catch {
    return [];
  }
}
