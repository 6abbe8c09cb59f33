/**
 * @file The rows that M1 and the controls learn from, each with its place in the
 * ledger: the seed tasks, and what the model made of them.
 *
 * Rows are a user's message and the answer, as the model is asked when it is measured.
 * No row whose prompt is measured on gets through; how many were held back is counted.
 */
import { INSTANCE_STAGE } from "../../instruct/stages.js";
import type { SeedTask } from "../../data/formats/instruction-records.js";
import type { PromptCompletionRow } from "../../data/records.js";
import {
  INSTANCE_RULES,
  type LanguageId,
} from "../../instruct/language-packs/language-pack.js";
import type { Instance } from "../../instruct/records.js";
import { joinedPrompt } from "../../instruct/training-set.js";
import type { LedgerReader } from "../../ledger/ledger.js";
import type { MadeTask } from "../instruct-stages/made-tasks.js";

export interface TrainingExample {
  readonly prompt: string;
  readonly output: string;
  /** Absent for an instance that the filters had refused: it is no candidate. */
  readonly source?:
    { readonly seedTaskId: number } | { readonly candidateId: number };
}

function example(
  instruction: string,
  { input, output }: Instance,
  language: LanguageId,
): TrainingExample {
  return { prompt: joinedPrompt({ instruction, input }, language), output };
}

/** The seed tasks as examples; `rows` are their rows in the ledger. */
export function seedExamples(
  seeds: readonly SeedTask[],
  rows: readonly number[],
  language: LanguageId,
): TrainingExample[] {
  return seeds.flatMap(({ instruction, instances }, index) =>
    instances.map((instance) => ({
      ...example(instruction, instance, language),
      source: { seedTaskId: rows[index] ?? 0 },
    })),
  );
}

/** What the model made and the filters kept. */
export function ownExamples(
  tasks: readonly MadeTask[],
  language: LanguageId,
): TrainingExample[] {
  return tasks.flatMap(({ instruction, instances }) =>
    instances.map(({ candidateId, ...instance }) => ({
      ...example(instruction, instance, language),
      source: { candidateId },
    })),
  );
}

/** The same with the instances that the rules for instances refused. */
export function unfilteredExamples(
  own: readonly TrainingExample[],
  ledger: LedgerReader,
  language: LanguageId,
): TrainingExample[] {
  const rules = new Set<string>(INSTANCE_RULES);
  const instructions = new Map(
    [...ledger.read("prompts")].map(({ id, text }) => [id, text]),
  );
  const refused = [...ledger.read("rejections", { stage: INSTANCE_STAGE })]
    .filter(({ rule }) => rules.has(rule))
    .flatMap(({ subjectId, evidence }): TrainingExample[] => {
      const instruction = instructions.get(subjectId ?? 0);
      const { instance } = evidence as { readonly instance?: Instance };
      // An empty output cannot be learned whatever the rules say.
      return instruction === undefined ||
        instance === undefined ||
        instance.output === ""
        ? []
        : [example(instruction, instance, language)];
    });
  return [...own, ...refused];
}

/** Leaves out what is measured on. */
export function withoutHeldOut(
  examples: readonly TrainingExample[],
  heldOut: ReadonlySet<string>,
): TrainingExample[] {
  return examples.filter(({ prompt }) => !heldOut.has(prompt));
}

export function supervisedRow({
  prompt,
  output,
}: TrainingExample): PromptCompletionRow {
  return {
    prompt: [{ role: "user", content: prompt }],
    completion: [{ role: "assistant", content: output }],
  };
}
