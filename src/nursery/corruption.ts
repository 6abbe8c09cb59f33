/**
 * @file Plausible wrong answers of varied severity: one or more slips (a token
 * changed, dropped, added, two swapped), another label, a neighbour on the number
 * line, the argument copied, the answer to a different task, an unfinished answer.
 *
 * Invariant: the response never equals the right answer, so `verify` never calls it
 * correct. Which scores occur depends on the family: a label can only be wrong (2),
 * given twice (1–2) or of the wrong kind (0).
 */
import type { RandomStream } from "../foundation/random.js";
import { FAMILIES, drawTask, familyNamed } from "./families.js";
import type { AnswerShape, NurseryTask } from "./family.js";

export interface Corruption {
  readonly response: string;
  /** False for an answer cut short before its end token. */
  readonly finished: boolean;
}

/** A wrong answer that the model would have ended itself. */
export function corruptAnswer(task: NurseryTask, random: RandomStream): string {
  const shape = familyNamed(task.family).shape(task.answer);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const response = corruptOnce(task, shape, random);
    if (response !== task.answer && response !== "") return response;
  }
  // A doubled answer is always wrong and always possible.
  return `${task.answer} ${task.answer}`;
}

/** A wrong answer as `corruptAnswer`, or (one in twelve) an unfinished one. */
export function corruptResponse(
  task: NurseryTask,
  random: RandomStream,
): Corruption {
  if (random.integer(12) > 0)
    return { response: corruptAnswer(task, random), finished: true };
  const tokens = task.answer.split(" ");
  const kept = tokens.slice(0, random.integer(tokens.length));
  return { response: kept.join(" "), finished: false };
}

const ATTEMPTS = 8;

/** One draw of a wrong answer; may by chance be the right one (sorting sorted letters). */
function corruptOnce(
  task: NurseryTask,
  shape: AnswerShape,
  random: RandomStream,
): string {
  const tokens = task.answer.split(" ");
  const draw = random.next();
  if (tokens.length === 1) {
    if (draw < 0.72) return otherToken(task.answer, task, shape, random);
    if (draw < 0.84)
      return Array.from({ length: 2 }, () =>
        random.next() < 0.4
          ? task.answer
          : otherToken(task.answer, task, shape, random),
      ).join(" ");
    return answerOfAnotherTask(random);
  }
  if (draw < 0.45) return slip(tokens, task, shape, random).join(" ");
  if (draw < 0.65)
    return slip(slip(tokens, task, shape, random), task, shape, random).join(
      " ",
    );
  if (draw < 0.75) return copiedArgument(task, shape);
  if (draw < 0.83) return random.shuffle(tokens).join(" ");
  if (draw < 0.92)
    return tokens
      .map((token) => otherToken(token, task, shape, random))
      .join(" ");
  return answerOfAnotherTask(random);
}

/** One small mistake in a token list. */
function slip(
  tokens: readonly string[],
  task: NurseryTask,
  shape: AnswerShape,
  random: RandomStream,
): readonly string[] {
  const at = random.integer(tokens.length);
  const token = tokens[at];
  if (token === undefined) return tokens;
  const draw = random.next();
  if (draw < 0.4)
    return tokens.with(at, otherToken(token, task, shape, random));
  if (draw < 0.6 && tokens.length > 1) {
    const other = at === 0 ? 1 : at - 1;
    return tokens.with(at, tokens[other] as string).with(other, token);
  }
  if (draw < 0.8) return tokens.toSpliced(at, 1);
  const extra =
    random.next() < 0.5 ? token : otherToken(token, task, shape, random);
  return tokens.toSpliced(at, 0, extra);
}

/** A different token of the right kind; half the time one that the prompt shows or a neighbour. */
function otherToken(
  token: string,
  task: NurseryTask,
  shape: AnswerShape,
  random: RandomStream,
): string {
  if (random.next() < 0.5) {
    const index = shape.tokens.indexOf(token);
    const near = [
      ...(shape.closeness === undefined
        ? []
        : [shape.tokens[index - 1], shape.tokens[index + 1]]),
      ...task.prompt
        .split(" ")
        .filter((each) => shape.accepts(each, task.prompt)),
    ].filter((each) => each !== undefined && each !== token);
    if (near.length > 0) return random.pick(near) as string;
  }
  const others = shape.tokens.filter(
    (each) => each !== token && shape.accepts(each, task.prompt),
  );
  return others.length > 0 ? random.pick(others) : token;
}

/** The prompt's own tokens of the answer's kind, in order. */
function copiedArgument(task: NurseryTask, shape: AnswerShape): string {
  const argument = task.input === "" ? task.instruction : task.input;
  return argument
    .split(" ")
    .filter((token) => shape.accepts(token, argument))
    .join(" ");
}

function answerOfAnotherTask(random: RandomStream): string {
  return drawTask(random.pick(FAMILIES), random).answer;
}
