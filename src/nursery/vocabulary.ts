/**
 * @file The closed vocabulary of the nursery: every token the world, the raw text
 * and the loop's templates can emit, in a frozen order.
 *
 * Ids are indexes into `VOCABULARY`. The shipped base model depends on this order:
 * a test pins its hash, and a change needs a new base model.
 */
import { CONNECTING_WORDS } from "./connecting-prose.js";
import { FAMILIES } from "./families.js";
import {
  ANIMAL_FACTS,
  CAPITALS,
  COLOURS,
  DIGITS,
  DIGIT_WORDS,
  KINDS,
  LETTERS,
  NAMES,
  OPPOSITES,
  THINGS,
} from "./lexicon.js";
import {
  JUDGE_ANSWER_TEMPLATE,
  JUDGE_PROMPT_TEMPLATE,
  LONG_JUDGE_PROMPT_TEMPLATE,
  REASONED_JUDGE_ANSWER_TEMPLATE,
  TASK_WRITING_TEMPLATE,
} from "./templates.js";

export const PAD_TOKEN = "<|pad|>";
export const END_TOKEN = "<|end|>";
export const USER_TOKEN = "<|user|>";
export const ASSISTANT_TOKEN = "<|assistant|>";
export const UNKNOWN_TOKEN = "<|unk|>";

/** Ids 0–4. */
export const SPECIAL_TOKENS = [
  PAD_TOKEN,
  END_TOKEN,
  USER_TOKEN,
  ASSISTANT_TOKEN,
  UNKNOWN_TOKEN,
] as const;

const PUNCTUATION = [".", ",", ":", ";", "?"] as const;

/** Words of the raw text that stand in no template. */
const RAW_TEXT_WORDS =
  "wrote says thinks that the teacher said right close wrong";

/** Common words kept free for recipes with templates of their own. */
const SPARE_WORDS =
  "please now then because but also very well better best worse than other question reply response example examples step steps rule rules check think reason first second third next last good great all any some more most only same different input output prompt rating grade mark quality useful clear think about";

/** Words of a template, slots left out. */
const literals = (template: string): string[] =>
  template.split(" ").filter((token) => !token.startsWith("{"));

const TEMPLATE_WORDS: readonly string[] = [
  ...FAMILIES.flatMap((family) => [
    ...family.phrasings.flatMap(({ instruction, input = "" }) => [
      ...literals(instruction),
      ...literals(input),
    ]),
    ...family.statements.flatMap(({ text }) => literals(text)),
    ...family.phrasings.flatMap(({ fixed }) => Object.values(fixed ?? {})),
  ]),
  ...literals(JUDGE_PROMPT_TEMPLATE),
  ...literals(LONG_JUDGE_PROMPT_TEMPLATE),
  ...literals(JUDGE_ANSWER_TEMPLATE),
  ...literals(REASONED_JUDGE_ANSWER_TEMPLATE),
  ...literals(TASK_WRITING_TEMPLATE),
];

/** Labels that appear only as answers. */
const ANSWER_LABELS = [
  "vowel",
  "consonant",
  "even",
  "odd",
  "more",
  "less",
  "yes",
  "no",
] as const;

/** All tokens; the index is the id. */
export const VOCABULARY: readonly string[] = [
  ...new Set([
    ...SPECIAL_TOKENS,
    ...PUNCTUATION,
    ...DIGITS,
    ...LETTERS,
    ...CAPITALS,
    ...DIGIT_WORDS,
    ...KINDS,
    ...THINGS,
    ...[...OPPOSITES.keys()],
    ...COLOURS.keys(),
    ...Object.values(ANIMAL_FACTS).flatMap((facts) => [
      ...facts.keys(),
      ...facts.values(),
    ]),
    ...ANSWER_LABELS,
    ...NAMES,
    ...TEMPLATE_WORDS,
    ...CONNECTING_WORDS,
    ...RAW_TEXT_WORDS.split(" "),
    ...SPARE_WORDS.split(" "),
  ]),
].filter((token) => token !== "");
