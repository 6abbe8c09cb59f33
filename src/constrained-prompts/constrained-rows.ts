/**
 * @file Prompts with one to three constraints, in IFEval's rows, made from a seed. The
 * held-out suite is one fixed set for each language: no training row, of any seed, has a
 * subject of it or resembles one of its prompts.
 */
import { AutodidactError } from "../foundation/error.js";
import { randomStream, type RandomStream } from "../foundation/random.js";
import { TextPool } from "../novelty/text-pool.js";
import { fillSlots } from "../rewarding/rubric.js";
import { ARGUMENTS, type ConstraintArguments } from "./arguments.js";
import { chinesePrompts } from "./chinese.js";
import { compatible } from "./conflicts.js";
import { englishPrompts } from "./english.js";
import type { PromptLanguage } from "./prompt-language.js";

const LANGUAGES = {
  en: englishPrompts,
  zh: chinesePrompts,
} as const satisfies Readonly<Record<string, PromptLanguage>>;

export type LanguageName = keyof typeof LANGUAGES;
export const LANGUAGE_NAMES = Object.keys(LANGUAGES) as LanguageName[];

/** The kinds that can be asked for in a language, by their ids. */
export function kindsIn(language: LanguageName): readonly string[] {
  return Object.keys(LANGUAGES[language].wordings);
}

/**
 * IFEval's row; `kwargs` has the arguments of each id.
 */
export interface ConstrainedRow {
  readonly key: string;
  readonly prompt: string;
  readonly instruction_id_list: readonly string[];
  readonly kwargs: readonly ConstraintArguments[];
}

/** Prompts of the held-out suite of a language. */
export const HELD_OUT_COUNT = 540;
/** ROUGE-L above which one prompt resembles another. */
export const RESEMBLANCE = 0.7;

/** Of the suite, which is the same for everybody. */
const HELD_OUT_SEED = 0;
/** Draws for each row wanted before we say that no more are to be had. */
const PATIENCE = 50;
/** How many constraints: 55 % have one, 33 % two. */
const SIZES = { 1: 0.55, 2: 0.88 } as const;

/** The held-out suite, every kind of the language in turn; no two of its prompts resemble. */
export function heldOutRows(language: LanguageName): ConstrainedRow[] {
  const pool = poolOf([]);
  const make = maker(language, "heldOut", kindsIn(language), HELD_OUT_SEED);
  return gather(HELD_OUT_COUNT, (draw) => {
    const row = make(draw);
    if (pool.repetition(row.prompt) !== null) return null;
    pool.add(row.prompt);
    return row;
  });
}

interface ConstrainedRows {
  readonly rows: readonly ConstrainedRow[];
  /** Prompts drawn and not taken. */
  readonly rejected: { readonly duplicate: number; readonly heldOut: number };
}

/**
 * Training rows, the kinds in turn.
 * @param settings.kinds ids of `kindsIn(language)`; at least one
 * @throws USAGE when so many different prompts cannot be made
 */
export function constrainedRows(settings: {
  readonly language: LanguageName;
  readonly seed: number;
  readonly count: number;
  readonly kinds: readonly string[];
}): ConstrainedRows {
  const { language, seed, count, kinds } = settings;
  const heldOut = poolOf(heldOutRows(language).map(({ prompt }) => prompt));
  const make = maker(language, "training", kinds, seed);
  const known = new Set<string>();
  const rejected = { duplicate: 0, heldOut: 0 };
  const rows = gather(count, (draw) => {
    const row = make(draw);
    if (known.has(row.prompt)) rejected.duplicate++;
    else if (heldOut.repetition(row.prompt) !== null) rejected.heldOut++;
    else {
      known.add(row.prompt);
      return row;
    }
    return null;
  });
  return { rows, rejected };
}

const poolOf = (prompts: readonly string[]): TextPool =>
  new TextPool(prompts, { novelty: RESEMBLANCE, tokenizer: "unicode" });

/** Draws until there are `count` rows. */
function gather(
  count: number,
  make: (draw: number) => ConstrainedRow | null,
): ConstrainedRow[] {
  const rows: ConstrainedRow[] = [];
  for (let draw = 0; rows.length < count; draw++) {
    if (draw >= count * PATIENCE)
      throw new AutodidactError(
        "USAGE",
        `Only ${rows.length} of ${count} different prompts can be made of these kinds. Ask for fewer, or for more kinds.`,
        { made: rows.length, count },
      );
    const row = make(draw);
    if (row !== null) rows.push(row);
  }
  return rows;
}

type Side = keyof PromptLanguage["subjects"];

/** The row of each draw: a number for every row, taken or not. */
function maker(
  name: LanguageName,
  side: Side,
  kinds: readonly string[],
  seed: number,
): (draw: number) => ConstrainedRow {
  const language = LANGUAGES[name];
  return (draw) => {
    const random = randomStream(seed, "constraints", name, side, draw);
    const ids = kindsOfPrompt(kinds, draw, random);
    const asked = ids.includes("detectable_format:constrained_response")
      ? language.questions
      : language.tasks;
    const subject = random.pick(language.subjects[side]);
    const task = fillSlots(random.pick(asked), { subject });
    const keywords = random.shuffle(language.keywords);
    const share = Math.floor(keywords.length / ids.length);
    const kwargs = ids.map((id, i) => {
      const own = keywords.slice(i * share, (i + 1) * share);
      return ARGUMENTS[id]?.({ random, language, task, keywords: own }) ?? {};
    });
    const wishes = ids.map((id, i) =>
      fillSlots(
        random.pick(language.wordings[id] ?? []),
        slotsOf(kwargs[i] ?? {}, language),
      ),
    );
    return {
      key: `${name}-${side === "heldOut" ? "held-out" : `${seed}`}-${draw}`,
      prompt: [task, ...wishes].join(language.space),
      instruction_id_list: ids,
      kwargs,
    };
  };
}

/** The first by turns, so that all are equally frequent as such; others as they fit. */
function kindsOfPrompt(
  kinds: readonly string[],
  draw: number,
  random: RandomStream,
): string[] {
  const chance = random.next();
  const size = chance < SIZES[1] ? 1 : chance < SIZES[2] ? 2 : 3;
  const chosen = [kinds[draw % kinds.length] as string];
  for (const kind of random.shuffle(kinds)) {
    if (chosen.length === size) break;
    if (chosen.every((other) => compatible(kind, other))) chosen.push(kind);
  }
  return chosen;
}

/** ConstraintArguments in the words of the language. */
function slotsOf(
  args: ConstraintArguments,
  { list, relations, languages }: PromptLanguage,
): Record<string, string> {
  const names: Readonly<Record<string, string>> = { ...relations };
  return Object.fromEntries(
    Object.entries(args).map(([name, value]) => {
      if (Array.isArray(value)) return [name, list(value as string[])];
      const text = String(value);
      if (name === "language") return [name, languages[text] ?? text];
      return [name, name.endsWith("relation") ? (names[text] ?? text) : text];
    }),
  );
}
