/**
 * @file The nursery world: all task families, drawing a task, and reading any
 * prompt text back into the task it is.
 *
 * `parsePrompt` is the inverse of `drawTask` and accepts every well-formed prompt,
 * also one a model wrote; text that is not a task of this world gives undefined.
 */
import { AutodidactError } from "../foundation/error.js";
import { canonicalJson } from "../foundation/hash.js";
import type { RandomStream } from "../foundation/random.js";
import {
  SLOT_PATTERNS,
  fillTemplate,
  fits,
  joinPrompt,
  type Family,
  type NurseryTask,
  type Phrasing,
  type SlotName,
  type SlotValues,
} from "./family.js";
import { FACT_FAMILIES } from "./task-families/facts.js";
import { LETTER_FAMILIES } from "./task-families/letters.js";
import { NUMBER_FAMILIES } from "./task-families/numbers.js";
import { WORD_FAMILIES } from "./task-families/words.js";

export const FAMILIES: readonly Family[] = [
  ...LETTER_FAMILIES,
  ...NUMBER_FAMILIES,
  ...WORD_FAMILIES,
  ...FACT_FAMILIES,
];

const FAMILY_BY_NAME: ReadonlyMap<string, Family> = new Map(
  FAMILIES.map((family) => [family.name, family]),
);

/** @throws USAGE when no family has that name */
export function familyNamed(name: string): Family {
  const family = FAMILY_BY_NAME.get(name);
  if (family === undefined)
    throw new AutodidactError(
      "USAGE",
      `There is no nursery family "${name}". Expected one of: ${[...FAMILY_BY_NAME.keys()].join(", ")}.`,
      { family: name },
    );
  return family;
}

/** Makes the task of `slots` in one phrasing. @throws USAGE when it has no answer */
export function makeTask(
  family: Family,
  phrasing: Phrasing,
  slots: SlotValues,
): NurseryTask {
  const answer = family.solve(slots);
  if (answer === undefined)
    throw new AutodidactError(
      "USAGE",
      `The slots ${canonicalJson(slots)} make no task of family ${family.name}. Draw them with the family's own draw.`,
      { family: family.name },
    );
  const instruction = fillTemplate(phrasing.instruction, slots);
  const input = fillTemplate(phrasing.input ?? "", slots);
  return {
    family: family.name,
    instruction,
    input,
    prompt: joinPrompt(instruction, input),
    answer,
    isClassification: family.isClassification,
  };
}

/** A task with the slot values it was made of. */
export interface SlottedTask {
  readonly task: NurseryTask;
  readonly slots: SlotValues;
}

/** Draws one task of the family; training and held-out side alike. */
export function drawSlottedTask(
  family: Family,
  random: RandomStream,
): SlottedTask {
  const slots = family.draw(random);
  const phrasing = random.pick(
    family.phrasings.filter((each) => fits(each, slots)),
  );
  return { task: makeTask(family, phrasing, slots), slots };
}

/** `drawSlottedTask` for those who need the task alone. */
export function drawTask(family: Family, random: RandomStream): NurseryTask {
  return drawSlottedTask(family, random).task;
}

interface Reader {
  readonly family: Family;
  readonly phrasing: Phrasing;
  readonly expression: RegExp;
}

/** One anchored expression a phrasing; slots become named groups. */
function readerOf(family: Family, phrasing: Phrasing): Reader {
  const template = joinPrompt(phrasing.instruction, phrasing.input ?? "");
  const source = template.replace(
    /\{(\w+)\}/g,
    (_slot, name: string) => `(?<${name}>${SLOT_PATTERNS[name as SlotName]})`,
  );
  return { family, phrasing, expression: new RegExp(`^${source}$`) };
}

const firstToken = (text: string): string => text.split(" ", 1)[0] as string;

/** Readers by the first word of their phrasing, which is never a slot. */
const READERS: ReadonlyMap<string, readonly Reader[]> = readersByFirstToken();

function readersByFirstToken(): Map<string, Reader[]> {
  const readers = new Map<string, Reader[]>();
  for (const family of FAMILIES)
    for (const phrasing of family.phrasings) {
      const token = firstToken(phrasing.instruction);
      const known = readers.get(token) ?? [];
      readers.set(token, [...known, readerOf(family, phrasing)]);
    }
  return readers;
}

/** The task and the slot values of a prompt text; undefined when it is no task. */
export function readPrompt(prompt: string): SlottedTask | undefined {
  for (const { family, phrasing, expression } of READERS.get(
    firstToken(prompt),
  ) ?? []) {
    const match = expression.exec(prompt);
    if (match === null) continue;
    const slots: SlotValues = { ...match.groups, ...phrasing.fixed };
    if (family.solve(slots) !== undefined)
      return { task: makeTask(family, phrasing, slots), slots };
  }
  return undefined;
}

/** The task that a prompt text is, whoever wrote it; undefined when it is none. */
export function parsePrompt(prompt: string): NurseryTask | undefined {
  return readPrompt(prompt)?.task;
}
