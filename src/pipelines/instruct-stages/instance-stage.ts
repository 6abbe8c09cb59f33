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
import { questionStage, type Question } from "./question-stages.js";
import type { InstructContext } from "./instruct-context.js";
import type { Tally } from "../run/run-stage.js";
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
  const stage = await questionStage(context, {
    name: INSTANCE_STAGE,
    title: `Instances of ${counted(instructions.length, "instruction")} are written`,
    questions: instructions.map((instruction) =>
      instanceQuestion(context, instruction),
    ),
    commit: (opened, asked, tally) => {
      const { modelRow } = seedRows;
      commitInstances({ context, stage: opened, modelRow }, asked, tally);
    },
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

/** Where the instances of a question are written. */
interface Target {
  readonly context: InstructContext;
  readonly stage: Stage;
  readonly modelRow: number;
}

/** A piece of an answer, or an instance, that a rule refused. */
interface Refused {
  readonly text: string;
  readonly rule: string;
  readonly evidence?: { readonly found: string; readonly instance: Instance };
}

function commitInstances(
  target: Target,
  {
    question,
    completions,
  }: {
    readonly question: InstanceQuestion;
    readonly completions: readonly Completion[];
  },
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
  const refused: readonly Refused[] = [
    ...parsed.flatMap((answer) =>
      answer.rejected.map(({ text, reason }) => ({ text, rule: reason })),
    ),
    ...rejected.map(({ instance, rule, evidence: found }) => ({
      text: [instance.input, instance.output].join("\n→ "),
      rule,
      ...(found === undefined ? {} : { evidence: { found, instance } }),
    })),
  ];
  const written: readonly Refused[] =
    accepted.length === 0 && refused.length === 0
      ? [{ text: "", rule: "empty-answer" }]
      : refused;
  stage.insert(
    "rejections",
    written.map((row, place) => ({
      key: `${question.key}/rejected-${place}`,
      subject: question.subject,
      subjectId: question.promptId,
      ...row,
    })),
  );
  tally.accepted += accepted.length;
  tally.rejected += written.length;
}

function insertInstance(
  target: Target,
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
