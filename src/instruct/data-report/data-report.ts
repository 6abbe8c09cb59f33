/**
 * @file The data report: what a set of instructions looks like, in numbers.
 *
 * Pure: the same tasks give the same report. How many candidates it took is the
 * pipeline's to add; what people think of it comes back from the review file.
 */
import type { LanguagePack } from "../language-packs/language-pack.js";
import { chineseVerb } from "./chinese-verbs.js";
import { countNames, entropy } from "./counts.js";
import { findContamination } from "./decontamination.js";
import {
  instructionStructure,
  type InstructionStructure,
} from "./instruction-structure.js";
import { labelBalance } from "./label-balance.js";
import { lengthStatistics } from "./length-statistics.js";
import type {
  Count,
  InstructionDataReport,
  LengthStatistics,
  VerbDiversity,
  VerbObjects,
} from "./report-schema.js";
import type { ReportTask } from "./report-task.js";
import {
  nearDuplicateClusters,
  poolTrend,
  seedSimilarity,
} from "./similarity.js";

export interface DataReportInput {
  /** In the order in which they were accepted. */
  readonly tasks: readonly ReportTask[];
  readonly seeds: readonly string[];
  readonly pack: LanguagePack;
  /** Prompts of an evaluation set, to look for overlap with. */
  readonly evaluation?: readonly string[];
  /** Instructions in one window of the trend; a tenth of all, at least 20, when absent. */
  readonly trendWindow?: number;
}

/** Instructions this similar are worth a look although the filter let them pass. */
const CLUSTER_THRESHOLD = 0.55;
const SHOWN_CLUSTERS = 10;
const SHOWN_VERBS = 20;
/** Figure 3 of the paper shows the 20 commonest verbs with 4 objects each. */
const SHOWN_OBJECTS = 4;

export function dataReport(input: DataReportInput): InstructionDataReport {
  const { tasks, seeds, pack, evaluation } = input;
  const instructions = tasks.map((task) => task.instruction);
  const clusters = nearDuplicateClusters(instructions, {
    tokenizer: pack.tokenizer,
    threshold: CLUSTER_THRESHOLD,
  });
  return {
    language: pack.id,
    counts: countTasks(tasks),
    lengths: measureLengths(tasks, pack),
    verbs: verbDiversity(instructions, pack),
    seedSimilarity: seedSimilarity(instructions, seeds, pack.tokenizer),
    nearDuplicates: {
      threshold: CLUSTER_THRESHOLD,
      clusters: clusters.length,
      instructionsInClusters: clusters.reduce(
        (sum, cluster) => sum + cluster.instructions.length,
        0,
      ),
      largest: clusters.slice(0, SHOWN_CLUSTERS),
    },
    labels: labelBalance(tasks),
    trend: poolTrend(instructions, seeds, {
      tokenizer: pack.tokenizer,
      size:
        input.trendWindow ?? Math.max(20, Math.ceil(instructions.length / 10)),
    }),
    ...(evaluation === undefined
      ? {}
      : {
          contamination: {
            evaluationPrompts: evaluation.length,
            findings: findContamination(tasks, evaluation, {
              tokenizer: pack.tokenizer,
            }),
          },
        }),
  };
}

function countTasks(
  tasks: readonly ReportTask[],
): InstructionDataReport["counts"] {
  const instances = tasks.flatMap((task) => task.instances);
  const classification = tasks.filter((task) => task.isClassification).length;
  return {
    instructions: tasks.length,
    classification,
    other: tasks.length - classification,
    instances: instances.length,
    instancesWithoutInput: instances.filter(({ input }) => input === "").length,
    instructionsWithoutInstances: tasks.filter(
      (task) => task.instances.length === 0,
    ).length,
  };
}

function measureLengths(
  tasks: readonly ReportTask[],
  pack: LanguagePack,
): InstructionDataReport["lengths"] {
  const measure = (texts: readonly string[]): LengthStatistics =>
    lengthStatistics(texts.map((text) => pack.length(text)));
  const instances = tasks.flatMap((task) => task.instances);
  return {
    unit: pack.lengthUnit,
    instruction: measure(tasks.map((task) => task.instruction)),
    input: measure(
      instances.map(({ input }) => input).filter((text) => text !== ""),
    ),
    output: measure(instances.map(({ output }) => output)),
  };
}

function verbDiversity(
  instructions: readonly string[],
  pack: LanguagePack,
): VerbDiversity {
  const structures = instructions.flatMap((instruction) => {
    const structure = structureOf(instruction, pack);
    return structure === undefined ? [] : [structure];
  });
  const verbs = countNames(structures.map(({ verb }) => verb));
  const common = {
    found: structures.length,
    distinctVerbs: verbs.length,
    verbEntropy: entropy(verbs),
    byVerb: objectsByVerb(verbs.slice(0, SHOWN_VERBS), structures),
  };
  if (pack.id === "zh") return common;
  const paired = structures.flatMap(({ verb, object }) =>
    object === undefined ? [] : [{ verb, object }],
  );
  const pairs = countNames(
    paired.map(({ verb, object }) => `${verb} ${object}`),
  );
  const shown = objectsByVerb(
    countNames(paired.map(({ verb }) => verb)).slice(0, SHOWN_VERBS),
    paired,
  ).flatMap(({ objects }) => objects);
  return {
    ...common,
    pairs: {
      found: paired.length,
      distinct: pairs.length,
      commonest: pairs.slice(0, SHOWN_VERBS),
      topShare:
        instructions.length === 0
          ? 0
          : shown.reduce((sum, { count }) => sum + count, 0) /
            instructions.length,
    },
  };
}

function objectsByVerb(
  verbs: readonly Count[],
  structures: readonly InstructionStructure[],
): readonly VerbObjects[] {
  return verbs.map(({ name: verb, count }) => ({
    verb,
    count,
    objects: countNames(
      structures.flatMap((structure) =>
        structure.verb === verb && structure.object !== undefined
          ? [structure.object]
          : [],
      ),
    ).slice(0, SHOWN_OBJECTS),
  }));
}

function structureOf(
  instruction: string,
  { id, inputSeparator }: LanguagePack,
): InstructionStructure | undefined {
  switch (id) {
    case "en":
      return instructionStructure(instruction);
    case "nursery":
      // Its instructions are English that ends in what it is applied to.
      return instructionStructure(instruction.split(inputSeparator)[0] ?? "");
    case "zh": {
      const verb = chineseVerb(instruction);
      return verb === undefined ? undefined : { verb };
    }
  }
}
