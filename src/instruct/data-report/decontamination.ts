/**
 * @file Overlap of the made instructions with an evaluation set: rows that would
 * turn a test into a memory exercise.
 *
 * A row is contaminated when its prompt equals an evaluation prompt token for
 * token, shares a run of `runLength` tokens with one, or scores above `threshold`
 * in ROUGE-L with one. The report names the rows; removing them is the user's.
 */
import {
  NOVELTY_TOKENIZERS,
  type NoveltyTokenizer,
} from "../../novelty/novelty-tokenizer.js";
import { NoveltyIndex } from "../../novelty/novelty-index.js";
import type { Contamination } from "./report-schema.js";
import type { ReportTask } from "./report-task.js";

export interface DecontaminationOptions {
  readonly tokenizer: NoveltyTokenizer;
  /** 0.7, the novelty threshold of the paper, unless told otherwise. */
  readonly threshold?: number;
  /** 13 tokens, as in the GPT-3 paper (arXiv 2005.14165, appendix C), unless told otherwise. */
  readonly runLength?: number;
}

type Finding = Omit<Contamination, "taskId">;

const found = (
  prompt: string,
  kind: Finding["kind"],
  evaluationPrompt: string,
  amount: number,
): Finding => ({ prompt, evaluationPrompt, kind, amount });

/** Contaminated prompts, at most one finding for each instance of a task. */
export function findContamination(
  tasks: readonly ReportTask[],
  evaluation: readonly string[],
  options: DecontaminationOptions,
): readonly Contamination[] {
  const { threshold = 0.7, runLength = 13 } = options;
  const tokenize = NOVELTY_TOKENIZERS[options.tokenizer];
  const index = new NoveltyIndex({ threshold });
  const whole = new Map<string, string>();
  const runs = new Map<string, string>();
  for (const prompt of evaluation) {
    const tokens = tokenize(prompt);
    index.add(tokens);
    remember(whole, tokens.join(" "), prompt);
    for (const run of tokenRuns(tokens, runLength)) remember(runs, run, prompt);
  }
  const judge = (prompt: string): Finding | undefined => {
    const tokens = tokenize(prompt);
    if (tokens.length === 0) return undefined;
    const equal = whole.get(tokens.join(" "));
    if (equal !== undefined)
      return found(prompt, "equal", equal, tokens.length);
    for (const run of tokenRuns(tokens, runLength)) {
      const shared = runs.get(run);
      if (shared !== undefined)
        return found(prompt, "shared-run", shared, runLength);
    }
    const decision = index.probe(tokens);
    if (decision.accepted) return undefined;
    const { id, score } = decision.nearest;
    return found(prompt, "similar", evaluation[id] ?? "", score);
  };
  return tasks.flatMap((task) =>
    promptsOf(task).flatMap((prompt) => {
      const finding = judge(prompt);
      return finding === undefined ? [] : [{ taskId: task.id, ...finding }];
    }),
  );
}

/** A task without instances still has its instruction. */
function promptsOf({ instruction, instances }: ReportTask): readonly string[] {
  const prompts = instances.map(({ input }) =>
    input === "" ? instruction : `${instruction}\n\n${input}`,
  );
  return [...new Set(prompts.length === 0 ? [instruction] : prompts)];
}

function* tokenRuns(
  tokens: readonly string[],
  length: number,
): Generator<string> {
  for (let start = 0; start + length <= tokens.length; start++) {
    yield tokens.slice(start, start + length).join(" ");
  }
}

function remember(map: Map<string, string>, key: string, prompt: string): void {
  if (!map.has(key)) map.set(key, prompt);
}
