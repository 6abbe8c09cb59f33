/**
 * @file Instances of each instruction: input-first, or output-first for
 * classification tasks, filtered by the rules of the language pack.
 *
 * An accepted instance is a prompt (instruction with input) that points to its
 * instruction, and a candidate (the output) that points to the prompt.
 */
import { derivedSeed } from "../../foundation/random.js";
import { INSTANCE_STAGE } from "../../instruct/stages.js";
import { counted } from "../../text/number-words.js";
import type { Completion } from "../../generation/language-model.js";
import { checkInstances } from "../../instruct/language-packs/check.js";
import type { Instance } from "../../instruct/records.js";
import { joinedPrompt } from "../../instruct/training-set.js";
import type { Stage } from "../../ledger/stage.js";
import type { ClassifiedInstruction } from "./classification-stage.js";
import { askQuestions, type Question } from "./question-stages.js";
import type { InstructContext } from "./instruct-context.js";
import { runStage, type Tally } from "../run/run-stage.js";
import type { SeedRows } from "./seed-stage.js";

/** An instance with the ledger row of its output. */
export interface AcceptedInstance extends Instance {
  readonly candidateId: number;
}

interface InstanceQuestion extends Question {
  readonly isClassification: boolean;
}

/** Instances of each instruction, in the instructions' order; some have none. */
export async function instanceStage(
  context: InstructContext,
  seedRows: SeedRows,
  instructions: readonly ClassifiedInstruction[],
): Promise<ReadonlyMap<number, readonly AcceptedInstance[]>> {
  const { author, prompts } = context;
  const { stage } = await runStage(context, {
    name: INSTANCE_STAGE,
    title: `Instances of ${counted(instructions.length, "instruction")} are written`,
    inputs: { model: author.identity, prompts: prompts.id },
    work: async (opened) => ({
      counts: await askQuestions(context, {
        stage: opened,
        unit: "instructions",
        questions: instructions.map((instruction) =>
          instanceQuestion(context, instruction),
        ),
        commit: (question, completions, tally) => {
          commitInstances(
            { context, stage: opened, modelRow: seedRows.modelRow },
            question,
            completions,
            tally,
          );
        },
      }),
      output: null,
    }),
  });
  return readInstances(stage);
}

/** Instances of `instruction`, as a question to the model. */
export function instanceQuestion(
  { prompts, sampling, settings }: InstructContext,
  instruction: ClassifiedInstruction,
): InstanceQuestion {
  const { isClassification } = instruction;
  return {
    key: `instruction-${instruction.rowId}`,
    subject: "instance",
    text: instruction.instruction,
    promptId: instruction.rowId,
    isClassification,
    requests: Array.from({ length: settings.instanceAnswers }, (_, answer) => ({
      ...prompts.instances(instruction.instruction, isClassification),
      ...sampling.instances,
      n: 1,
      seed: derivedSeed(
        settings.seed,
        "instances",
        ...(answer === 0 ? [] : [answer]),
      ),
    })),
  };
}

function commitInstances(
  target: {
    readonly context: InstructContext;
    readonly stage: Stage;
    readonly modelRow: number;
  },
  question: InstanceQuestion,
  completions: readonly Completion[],
  tally: Tally,
): void {
  const { context, stage } = target;
  const parsed = completions.map(({ text, finishReason }) =>
    context.prompts.readInstances(
      { text, finishReason },
      question.isClassification,
    ),
  );
  // Which answer an instance came from, for its record.
  const origins = new Map(
    parsed.flatMap((answer, i) =>
      answer.accepted.map((instance) => [instance, completions[i]] as const),
    ),
  );
  const { accepted, rejected } = checkInstances(
    [...origins.keys()],
    context.pack,
    context.enabled,
  );
  accepted.forEach((instance, place) => {
    insertInstance(target, question, {
      instance,
      place,
      completion: origins.get(instance) as Completion,
    });
  });
  const refused = [
    ...parsed.flatMap((answer) =>
      answer.rejected.map((fragment) => ({
        text: fragment.text,
        rule: String(fragment.reason),
        found: undefined,
        instance: undefined,
      })),
    ),
    ...rejected.map(({ instance, rule, evidence }) => ({
      text: [instance.input, instance.output].join("\n→ "),
      rule: String(rule),
      found: evidence,
      instance,
    })),
  ];
  const nothing = accepted.length === 0 && refused.length === 0;
  if (nothing)
    refused.push({
      text: "",
      rule: "empty-answer",
      found: undefined,
      instance: undefined,
    });
  stage.insert(
    "rejections",
    refused.map(({ text: refusedText, rule, found, instance }, place) => ({
      key: `${question.key}/rejected-${place}`,
      subject: "instance",
      subjectId: question.promptId,
      text: refusedText,
      rule,
      ...(found === undefined ? {} : { evidence: { found, instance } }),
    })),
  );
  tally.accepted += accepted.length;
  tally.rejected += refused.length;
}

function insertInstance(
  target: {
    readonly context: InstructContext;
    readonly stage: Stage;
    readonly modelRow: number;
  },
  question: InstanceQuestion,
  made: {
    readonly instance: Instance;
    readonly place: number;
    readonly completion: Completion;
  },
): void {
  const { context, stage, modelRow } = target;
  const { instance, place, completion } = made;
  const { input, output } = instance;
  const key = `${question.key}/${place}`;
  const [promptId = 0] = stage.insertPrompts([
    {
      key,
      text: joinedPrompt(
        { instruction: question.text, input },
        context.settings.language,
      ),
      instruction: question.text,
      input,
      origin: "generated",
      modelId: modelRow,
      sources: [{ sourcePromptId: question.promptId }],
    },
  ]);
  stage.insert("candidates", [
    {
      key,
      promptId,
      modelId: modelRow,
      sampleIndex: 0,
      text: output,
      tokens: completion.tokens,
      finishReason: completion.finishReason,
      mergedCount: 1,
      evidence: { instructionId: question.promptId, input },
    },
  ]);
}

/** Accepted instances by the row of their instruction. */
function readInstances(
  stage: Stage,
): ReadonlyMap<number, readonly AcceptedInstance[]> {
  const instances = new Map<number, AcceptedInstance[]>();
  for (const { id, text, evidence } of stage.read("candidates")) {
    const { instructionId, input } = evidence as {
      readonly instructionId: number;
      readonly input: string;
    };
    const known = instances.get(instructionId) ?? [];
    known.push({ candidateId: id, input, output: text });
    instances.set(instructionId, known);
  }
  return instances;
}
