/**
 * @file IFEval (Zhou et al. 2023, arXiv 2311.07911): prompts with constraints that a
 * program checks. Reads the benchmark's own rows, and names its figures as lm-eval does.
 */
import { mean } from "../../foundation/statistics.js";
import { percent } from "../../text/number-words.js";
import {
  readConstrainedPrompts,
  type ConstrainedPrompt,
} from "../verifiers/constraints/constrained-prompts.js";
import { followed } from "../verifiers/constraints/constraints.js";
import { defineSuite, type SuiteFigures } from "./suite.js";

interface Grade {
  /** Booleans, one a constraint. */
  readonly follow_list_strict: readonly boolean[];
  readonly follow_list_loose: readonly boolean[];
}

export const ifeval = defineSuite({
  holds: "constraints that a program checks, strictly and loosely",
  maxTokens: 1280,
  read: readConstrainedPrompts,
  tasks: (prompt) => [prompt],
  grade: ({ checks }, response): Grade => {
    const { strict, loose } = followed(checks, response);
    return { follow_list_strict: strict, follow_list_loose: loose };
  },
  summary: figuresOf,
});

type Graded = readonly {
  readonly task: ConstrainedPrompt;
  readonly grade: Grade;
}[];

/** Shares, 0 … 1, of prompts with every constraint followed, and of constraints. */
function figuresOf(graded: Graded): SuiteFigures {
  const accuracies = Object.fromEntries(
    (["strict", "loose"] as const).flatMap((how) => {
      const lists = graded.map(({ grade }) => grade[`follow_list_${how}`]);
      return [
        [
          `prompt_level_${how}_acc`,
          share(lists.map((list) => list.every(Boolean))),
        ],
        [`inst_level_${how}_acc`, share(lists.flat())],
      ];
    }),
  );
  return {
    figures: { ...accuracies, kinds: byKind(graded) },
    lines: Object.entries(accuracies).map(
      ([name, value]) => `${name.padEnd(26)}${percent(value)}`,
    ),
  };
}

const share = (values: readonly boolean[]): number =>
  mean(values.map(Number)) ?? 0;

/** How many constraints of each kind, and which shares of them were followed. */
function byKind(graded: Graded): Readonly<Record<string, unknown>> {
  const kinds = new Map<string, { strict: boolean[]; loose: boolean[] }>();
  for (const { task, grade } of graded) {
    task.ids.forEach((id, i) => {
      const kind = kinds.get(id) ?? { strict: [], loose: [] };
      kind.strict.push(grade.follow_list_strict[i] === true);
      kind.loose.push(grade.follow_list_loose[i] === true);
      kinds.set(id, kind);
    });
  }
  return Object.fromEntries(
    [...kinds].map(([id, { strict, loose }]) => [
      id,
      {
        constraints: strict.length,
        strict_acc: share(strict),
        loose_acc: share(loose),
      },
    ]),
  );
}
