/**
 * @file Answers of one token, weighed where they would be written.
 *
 * Prompt, beginning of the answer and option are tokenised as one text, as in
 * training: a tokenizer may put the space before a score into the score's token
 * (" 3"), or keep it apart. What all options share is the sequence, and the one token
 * in which they differ is weighed.
 */
import type { TextTokenizer } from "../checkpoints/tokenizer/tokenizer.js";
import type { Prompt, TemplateFields } from "../data/records.js";
import { AutodidactError } from "../foundation/error.js";
import { promptText, templateOptions } from "./encode-rows.js";
import type { TokenSequence } from "./token-sequence.js";

export interface OptionsText extends TemplateFields {
  readonly prompt: Prompt;
  /** Text that the answer has already begun with. */
  readonly prefix: string;
  /** At least two different texts. */
  readonly options: readonly string[];
}

/** Characters before an option that may still change how it is tokenised, by far. */
const SEAM = 64;

/** The tokens in which the options differ, one each, after a text with this end. */
interface Seam {
  readonly tokens: readonly number[];
  /** What follows the differing token, the same for all; empty almost always. */
  readonly after: number;
}

/**
 * One sequence for each question, whose `options` are the tokens to weigh.
 * @throws BAD_INPUT when the options are not one token each for this tokenizer
 */
export async function encodeOptions(
  tokenizer: TextTokenizer,
  questions: readonly OptionsText[],
): Promise<TokenSequence[]> {
  const seams = new Map<string, Seam>();
  const written = await Promise.all(
    questions.map(async (question) => {
      const [first = ""] = question.options;
      const how = asked(tokenizer, question);
      const begun = how.before(first);
      return { ...how, begun, whole: await how.encode(`${begun}${first}`) };
    }),
  );
  const sequences: TokenSequence[] = [];
  for (const [index, { begun, whole, ...how }] of written.entries()) {
    const question = questions[index] as OptionsText;
    const key = JSON.stringify([begun.slice(-SEAM), question.options]);
    const known = seams.get(key);
    const seam = fits(known, whole)
      ? known
      : await findSeam(how, question.options);
    if (seam === null) throw notOneToken(question);
    seams.set(key, seam);
    const place = whole.length - 1 - seam.after;
    sequences.push({
      ids: whole.slice(0, place),
      completionStart: place,
      options: seam.tokens,
    });
  }
  return sequences;
}

/** Whether each option is one token of its own after such a prompt and prefix. */
export async function optionsAreTokens(
  tokenizer: TextTokenizer,
  question: OptionsText,
): Promise<boolean> {
  const seam = await findSeam(asked(tokenizer, question), question.options);
  return seam !== null;
}

/** How a question is written for a tokenizer. */
interface Asked {
  /** The text before an option. */
  readonly before: (option: string) => string;
  /** That text with the option behind it, as tokens. */
  readonly encode: (text: string) => Promise<readonly number[]>;
}

function asked(
  tokenizer: TextTokenizer,
  { prompt, prefix, ...given }: OptionsText,
): Asked {
  if (typeof prompt === "string") {
    const before = `${prompt}${prefix}`;
    return {
      before: () => before,
      encode: (text) => tokenizer.encode(text, { addSpecialTokens: true }),
    };
  }
  return {
    // As the template writes a finished turn: some put a space or more before its words.
    before: (option) => {
      const content = `${prefix}${option}`;
      const turn = { role: "assistant" as const, content };
      const text = tokenizer.applyChatTemplate(
        [...prompt, turn],
        templateOptions(given, false),
      );
      const written = content.trimStart();
      const at = text.lastIndexOf(written);
      return at < 0
        ? `${promptText(tokenizer, prompt, given).text}${prefix}`
        : text.slice(0, at + written.length - option.length);
    },
    encode: (text) => tokenizer.encode(text, { addSpecialTokens: false }),
  };
}

function fits(seam: Seam | undefined, whole: readonly number[]): seam is Seam {
  return (
    seam !== undefined &&
    whole[whole.length - 1 - seam.after] === seam.tokens[0]
  );
}

async function findSeam(
  { before, encode }: Asked,
  options: readonly string[],
): Promise<Seam | null> {
  const rows = await Promise.all(
    options.map((option) => encode(`${before(option)}${option}`)),
  );
  const [first = []] = rows;
  const same = (at: (row: readonly number[]) => number | undefined): boolean =>
    rows.every((row) => at(row) === at(first));
  if (!same((row) => row.length)) return null;
  let start = 0;
  while (start < first.length && same((row) => row[start])) start++;
  let after = 0;
  while (
    after < first.length - start &&
    same((row) => row[row.length - 1 - after])
  )
    after++;
  const tokens = rows.map((row) => row[start] ?? Number.NaN);
  const oneEach =
    first.length - after - start === 1 && new Set(tokens).size === rows.length;
  return oneEach ? { tokens, after } : null;
}

function notOneToken({ prefix, options }: OptionsText): AutodidactError {
  return new AutodidactError(
    "BAD_INPUT",
    `The answers ${options.join(", ")} are not one token each after "${prefix}" for this model's tokenizer, so their probabilities cannot be read directly. Use sampled judgements instead.`,
    { prefix, options: [...options] },
  );
}
