/**
 * @file Which of the accepted instructions are classification tasks.
 *
 * An answer that is neither yes nor no is recorded as such, and its instruction
 * goes no further: it is never guessed.
 */
import { derivedSeed } from "../../foundation/random.js";
import { CLASSIFICATION_STAGE } from "../../instruct/stages.js";
import { counted } from "../../text/number-words.js";
import type { Completion } from "../../generation/language-model.js";
import { questionStage, type Question } from "./question-stages.js";
import type { AcceptedInstruction } from "./instruction-stage.js";
import type { InstructContext } from "./instruct-context.js";
import type { SeedRows } from "./seed-stage.js";

export interface ClassifiedInstruction extends AcceptedInstruction {
  readonly isClassification: boolean;
}

export async function classificationStage(
  context: InstructContext,
  seedRows: SeedRows,
  instructions: readonly AcceptedInstruction[],
): Promise<readonly ClassifiedInstruction[]> {
  const { prompts } = context;
  const stage = await questionStage(context, {
    name: CLASSIFICATION_STAGE,
    title: `${counted(instructions.length, "instruction is", "instructions are")} sorted by kind`,
    questions: instructions.map((instruction) =>
      classificationQuestion(context, instruction),
    ),
    commit: (opened, { question, completions }, tally) => {
      const { key, promptId } = question;
      const { text, tokens, finishReason } = completions[0] as Completion;
      const answer = prompts.readClassification({ text, finishReason });
      if (!answer.accepted) {
        tally.rejected++;
        opened.insert("rejections", [
          {
            key,
            subject: question.subject,
            subjectId: promptId,
            text,
            rule: "unreadable",
            evidence: { instruction: question.text },
          },
        ]);
        return;
      }
      tally.accepted++;
      const { isClassification, evidence: found } = answer;
      opened.insert("candidates", [
        {
          key,
          promptId,
          modelId: seedRows.modelRow,
          sampleIndex: 0,
          text,
          tokens,
          finishReason,
          mergedCount: 1,
          evidence: { isClassification, found },
        },
      ]);
    },
  });
  const kinds = new Map(
    [...stage.read("candidates")].map(({ promptId, evidence }) => [
      promptId,
      (evidence as { readonly isClassification: boolean }).isClassification,
    ]),
  );
  return instructions.flatMap((instruction) => {
    const isClassification = kinds.get(instruction.rowId);
    return isClassification === undefined
      ? []
      : [{ ...instruction, isClassification }];
  });
}

/** Whether `instruction` is a classification task, as a question to the model. */
export function classificationQuestion(
  { prompts, sampling, settings }: InstructContext,
  instruction: AcceptedInstruction,
): Question {
  return {
    key: `instruction-${instruction.rowId}`,
    subject: "classification",
    text: instruction.instruction,
    promptId: instruction.rowId,
    requests: [
      {
        ...prompts.classification(instruction.instruction),
        ...sampling.classification,
        n: 1,
        seed: derivedSeed(settings.seed, "classification"),
      },
    ],
  };
}
