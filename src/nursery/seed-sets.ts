/**
 * @file The nursery's seed and measuring sets, each a pure function of its seed.
 *
 * Training side: instruction seeds (IFT) of mixed quality, prompts to sample answers
 * for, judge examples (EFT) labelled by the verifier as the human annotator. Held-out
 * side: evaluation tasks, the fixed judge set, the judge test set. The sides never
 * share a prompt (split.ts; tested). Nothing here knows a model: sampled answers come
 * in as candidates. IFT and EFT: arXiv 2401.10020, section 2.1.
 */
import { AutodidactError } from "../foundation/error.js";
import { randomStream, type RandomStream } from "../foundation/random.js";
import { corruptAnswer, corruptResponse } from "./corruption.js";
import { FAMILIES, familyNamed } from "./families.js";
import type { NurseryTask } from "./family.js";
import { drawTaskOfSide, isHeldOutPrompt } from "./split.js";
import { verify, type Score } from "./verify.js";

/** Instruction fine-tuning row. */
export interface InstructionSeed {
  readonly family: string;
  readonly instruction: string;
  readonly input: string;
  readonly output: string;
  readonly prompt: string;
}

/** A response whose true score is to be found. */
export interface EvaluationCandidate {
  readonly task: NurseryTask;
  readonly response: string;
  /** The model ended the answer itself. */
  readonly finished: boolean;
}

/** Judge example: what the annotator gave to a response. */
export interface EvaluationSeed {
  readonly family: string;
  readonly prompt: string;
  readonly response: string;
  /** Reference answer, for judges that first say what they expect. */
  readonly answer: string;
  readonly score: Score;
}

export interface JudgeFixedItem {
  readonly task: NurseryTask;
  /** The right answer. */
  readonly right: string;
  /** A finished wrong answer. */
  readonly corrupted: string;
}

export interface GradedResponse {
  readonly response: string;
  readonly score: Score;
}

export interface JudgeTestItem {
  readonly task: NurseryTask;
  /** `JUDGE_TEST_ANSWERS` different texts, best first; the first is right. */
  readonly responses: readonly GradedResponse[];
}

/** Answers a prompt in the judge test set. */
export const JUDGE_TEST_ANSWERS = 5;

/**
 * IFT rows, families in turn, half of the outputs exact and half corrupted, as real
 * crowds write; without the corrupted half nothing is left for the loop to gain.
 */
export function instructionSeeds(seed: number, count = 600): InstructionSeed[] {
  const random = randomStream(seed, "nursery", "instruction-seeds");
  const tasks = distinctTasks({ side: "training", count, random });
  const isExact = random.shuffle(tasks.map((_, index) => index % 2 === 0));
  return tasks.map((task, index) => ({
    family: task.family,
    instruction: task.instruction,
    input: task.input,
    output: isExact[index] ? task.answer : corruptAnswer(task, random),
    prompt: task.prompt,
  }));
}

/** Training-side tasks with different prompts, families in turn. */
export function evaluationPrompts(seed: number, count: number): NurseryTask[] {
  const random = randomStream(seed, "nursery", "evaluation-prompts");
  return distinctTasks({ side: "training", count, random });
}

/**
 * Held-out tasks with different prompts, `perFamily` of each family.
 * @throws USAGE when a family has fewer held-out prompts
 */
export function heldOutTasks(seed: number, perFamily = 25): NurseryTask[] {
  const random = randomStream(seed, "nursery", "held-out-tasks");
  const count = perFamily * FAMILIES.length;
  const tasks = distinctTasks({ side: "held-out", count, random });
  for (const { name } of FAMILIES) {
    const available = tasks.filter(({ family }) => family === name).length;
    if (available < perFamily)
      throw new AutodidactError(
        "USAGE",
        `The nursery family ${name} has only ${available} held-out prompts; ${perFamily} a family were asked for. Ask for at most ${available}.`,
        { family: name, available, asked: perFamily },
      );
  }
  return tasks;
}

/** Held-out prompts, each with its right answer and a corrupted one. */
export function judgeFixedSet(seed: number, count = 480): JudgeFixedItem[] {
  const random = randomStream(seed, "nursery", "judge-fixed-set");
  return distinctTasks({ side: "held-out", count, random }).map((task) => ({
    task,
    right: task.answer,
    corrupted: corruptAnswer(task, random),
  }));
}

/**
 * Held-out prompts with five answers each. The true scores differ as far as the
 * family allows: five scores where answers have several tokens or an order, four
 * (5, 2, 1, 0) where they are labels or single words.
 */
export function judgeTestSet(seed: number, count = 168): JudgeTestItem[] {
  const random = randomStream(seed, "nursery", "judge-test-set");
  return distinctTasks({ side: "held-out", count, random }).map((task) => ({
    task,
    responses: gradedResponses(task, random),
  }));
}

/** Draws of wrong answers from which the test set's are chosen. */
const TEST_DRAWS = 200;

function gradedResponses(
  task: NurseryTask,
  random: RandomStream,
): GradedResponse[] {
  const byScore = new Map<Score, string[]>([[5, [task.answer]]]);
  for (let draw = 0; draw < TEST_DRAWS; draw++) {
    const response = corruptAnswer(task, random);
    const { score } = verify(task, response, { finished: true });
    const known = byScore.get(score) ?? [];
    if (!known.includes(response)) byScore.set(score, [...known, response]);
  }
  const ladder = [...byScore].flatMap(([score, responses]) =>
    responses.map((response, rank) => ({ response, score, rank })),
  );
  // One answer of each score, best first, then second ones of the better scores.
  return ladder
    .sort((a, b) => a.rank - b.rank || b.score - a.score)
    .slice(0, JUDGE_TEST_ANSWERS)
    .sort((a, b) => b.score - a.score)
    .map(({ response, score }) => ({ response, score }));
}

/** For each task its right answer and `wrongAnswers` corrupted ones. */
export function writtenCandidates(
  seed: number,
  tasks: readonly NurseryTask[],
  wrongAnswers: number,
): EvaluationCandidate[] {
  const random = randomStream(seed, "nursery", "written-candidates");
  return tasks.flatMap((task) => [
    { task, response: task.answer, finished: true },
    ...Array.from({ length: wrongAnswers }, () => ({
      task,
      ...corruptResponse(task, random),
    })),
  ]);
}

/**
 * EFT rows from candidates: labelled by the verifier, each prompt and response once,
 * families of equal size, and within a family as equal over the scores as the
 * candidates allow. An unfinished response whose text alone would earn points is passed
 * over, as is an empty one: a judge reads only text and could not learn its 0.
 * @returns at most `count` rows, shuffled; fewer when the candidates do not suffice
 * @throws USAGE when a candidate's prompt is held out
 */
export function evaluationSeeds(options: {
  readonly candidates: readonly EvaluationCandidate[];
  readonly seed: number;
  readonly count: number;
}): EvaluationSeed[] {
  const random = randomStream(options.seed, "nursery", "evaluation-seeds");
  const queues = FAMILIES.map((family) =>
    balancedQueue(
      labelled(
        options.candidates.filter(({ task }) => task.family === family.name),
      ),
      random,
    ),
  );
  return random.shuffle(takeInTurn(queues, options.count));
}

function labelled(
  candidates: readonly EvaluationCandidate[],
): EvaluationSeed[] {
  const rows = new Map<string, EvaluationSeed>();
  for (const { task, response, finished } of candidates) {
    if (isHeldOutPrompt(task.prompt))
      throw new AutodidactError(
        "USAGE",
        `The prompt "${task.prompt}" is held out for measuring and cannot become a judge example. Sample answers for training-side prompts only.`,
        { prompt: task.prompt },
      );
    const { score } = verify(task, response, { finished: true });
    if (response === "" || (!finished && score > 0)) continue;
    rows.set(`${task.prompt}\n${response}`, {
      family: task.family,
      prompt: task.prompt,
      response,
      answer: task.answer,
      score,
    });
  }
  return [...rows.values()];
}

/** Rows in an order whose every beginning is balanced over the scores that are left. */
function balancedQueue(
  rows: readonly EvaluationSeed[],
  random: RandomStream,
): EvaluationSeed[] {
  const byScore = ([0, 1, 2, 3, 4, 5] as const).map((score) =>
    random.shuffle(rows.filter((row) => row.score === score)),
  );
  return takeInTurn(random.shuffle(byScore), rows.length);
}

/** Takes one item of each queue in turn until `count` items are there or none left. */
function takeInTurn<T>(queues: readonly (readonly T[])[], count: number): T[] {
  const taken: T[] = [];
  const longest = Math.max(0, ...queues.map((queue) => queue.length));
  for (let rank = 0; rank < longest; rank++) {
    for (const queue of queues) {
      const item = queue[rank];
      if (item !== undefined && taken.length < count) taken.push(item);
    }
  }
  return taken;
}

/** Attempts to find a new prompt before a family counts as used up. */
const NEW_PROMPT_ATTEMPTS = 200;

/** Different prompts, families in turn; a used-up family drops out of the turn. */
function distinctTasks(options: {
  readonly side: "training" | "held-out";
  readonly count: number;
  readonly random: RandomStream;
}): NurseryTask[] {
  const { side, count, random } = options;
  const seen = new Set<string>();
  const tasks: NurseryTask[] = [];
  let open = FAMILIES.map((family) => family.name);
  while (tasks.length < count && open.length > 0) {
    const usedUp = new Set<string>();
    for (const name of open) {
      if (tasks.length === count) break;
      const task = newTask(name, side, seen, random);
      if (task === undefined) usedUp.add(name);
      else tasks.push(task);
    }
    open = open.filter((name) => !usedUp.has(name));
  }
  return tasks;
}

function newTask(
  name: string,
  side: "training" | "held-out",
  seen: Set<string>,
  random: RandomStream,
): NurseryTask | undefined {
  const family = familyNamed(name);
  for (let attempt = 0; attempt < NEW_PROMPT_ATTEMPTS; attempt++) {
    const task = drawTaskOfSide(family, side, random);
    if (seen.has(task.prompt)) continue;
    seen.add(task.prompt);
    return task;
  }
  return undefined;
}
