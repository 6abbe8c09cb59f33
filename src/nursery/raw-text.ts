/**
 * @file Raw, non-instruction text of the nursery world for pre-training.
 *
 * Declarative sentences whose wording is not that of the instructions: plain
 * facts, of which a share is silently wrong (a sloppy web); statements of people
 * with the teacher's verdict (right, close, wrong: score 5, 3–4, ≤ 2); and a little
 * connecting prose with lists and colons. Invariants (tested): no held-out argument,
 * no instruction prompt, only words of the vocabulary.
 */
import type { RandomStream } from "../foundation/random.js";
import { connectingSentence } from "./connecting-prose.js";
import { corruptAnswer } from "./corruption.js";
import { FAMILIES, familyNamed, makeTask } from "./families.js";
import {
  fillTemplate,
  fits,
  type Family,
  type NurseryTask,
  type SlotValues,
} from "./family.js";
import { NAMES } from "./lexicon.js";
import { drawTrainingSlots } from "./split.js";
import { verify } from "./verify.js";

export type RawTextVerdict = "right" | "close" | "wrong";

export interface RawSentence {
  /** Tokens separated by one space, closed by ".". */
  readonly text: string;
  /** The verdict word, which is the last token before the final stop. */
  readonly verdict?: RawTextVerdict;
}

/** Share of sentences with a verdict; `nursery-study`: 45 %. */
export const VERDICT_SHARE = 0.45;
/** Share of connecting prose. */
export const CONNECTING_SHARE = 0.04;
/** Share of the plain facts that are silently wrong. */
export const SILENT_ERROR_SHARE = 0.2;

const TOTAL_WEIGHT = FAMILIES.reduce((sum, family) => sum + family.weight, 0);

/** Draws one sentence; the same stream gives the same sentences. */
export function rawSentence(random: RandomStream): RawSentence {
  const draw = random.next();
  if (draw < CONNECTING_SHARE) return { text: connectingSentence(random) };
  const family = weightedFamily(random);
  const slots = drawTrainingSlots(family, random);
  const task = makeTask(
    family,
    family.phrasings.find((phrasing) => fits(phrasing, slots)) ??
      random.pick(family.phrasings),
    slots,
  );
  if (draw < CONNECTING_SHARE + VERDICT_SHARE)
    return verdictSentence(family, slots, task, random);
  const answer =
    random.next() < SILENT_ERROR_SHARE
      ? plausibleError(task, random)
      : task.answer;
  return { text: `${stateAnswer(family, slots, answer, random)} .` };
}

/** The verdict that a finished response deserves. */
export function rawTextVerdict(
  task: NurseryTask,
  response: string,
): RawTextVerdict {
  const { score } = verify(task, response, { finished: true });
  return score === 5 ? "right" : score >= 3 ? "close" : "wrong";
}

function weightedFamily(random: RandomStream): Family {
  let rest = random.next() * TOTAL_WEIGHT;
  for (const family of FAMILIES) {
    rest -= family.weight;
    if (rest < 0) return family;
  }
  return FAMILIES[0] as Family;
}

function stateAnswer(
  family: Family,
  slots: SlotValues,
  answer: string,
  random: RandomStream,
): string {
  const statement = random.pick(
    family.statements.filter((each) => fits(each, slots)),
  );
  return fillTemplate(statement.text, { ...slots, answer });
}

/** A wrong answer of the right kind, as a careless writer makes it. */
function plausibleError(task: NurseryTask, random: RandomStream): string {
  let answer = corruptAnswer(task, random);
  for (let attempt = 0; attempt < 6; attempt++) {
    if (verify(task, answer, { finished: true }).score >= 2) break;
    answer = corruptAnswer(task, random);
  }
  return answer;
}

const WRITERS = ["wrote that", "says that", "thinks that"] as const;

function verdictSentence(
  family: Family,
  slots: SlotValues,
  task: NurseryTask,
  random: RandomStream,
): RawSentence {
  const answer = answerToJudge(task, random);
  const verdict = rawTextVerdict(task, answer);
  const statement = stateAnswer(family, slots, answer, random);
  return {
    text: `${random.pick(NAMES)} ${random.pick(WRITERS)} ${statement} . the teacher said ${verdict} .`,
    verdict,
  };
}

/** Right 40 %, close 20 %, wrong 40 % over all families; labels cannot be close. */
function answerToJudge(task: NurseryTask, random: RandomStream): string {
  if (random.next() < 0.4) return task.answer;
  const shape = familyNamed(task.family).shape(task.answer);
  const canBeClose = task.answer.includes(" ") || shape.closeness !== undefined;
  const wanted: RawTextVerdict =
    canBeClose && random.next() < 0.6 ? "close" : "wrong";
  let answer = corruptAnswer(task, random);
  for (let attempt = 0; attempt < 6; attempt++) {
    if (rawTextVerdict(task, answer) === wanted) break;
    answer = corruptAnswer(task, random);
  }
  return answer;
}
