/**
 * @file Words as NLTK's `word_tokenize` cuts English: the rules of the Penn Treebank,
 * applied in their order, to one sentence after the other.
 */
import { sentences } from "./sentences.js";
import { splitWords, UNICODE_WORD } from "./strings.js";

type Rule = readonly [pattern: RegExp, replacement: string];

const W = `[${UNICODE_WORD}]`;
const EDGE = `(?:(?<=${W})(?!${W})|(?<!${W})(?=${W}))`;

const OPENING_QUOTES: readonly Rule[] = [
  [/[«“‘„]|(?<!`)`+/gu, " $& "],
  [/^"/u, "``"],
  [/``/gu, " $& "],
  [/([ ([{<])("|'{2})/gu, "$1 `` "],
  [
    new RegExp(`(?<!${W})(')(?!(?:re|ve|ll|m|t|s|d|n)${EDGE})(?=${W})`, "giu"),
    "$1 ",
  ],
];

const PUNCTUATION: readonly Rule[] = [
  [/([^.])(\.)([\])}>"'»”’ ]*)$/u, "$1 $2 $3 "],
  [/([:,])(\P{Nd})/gu, " $1 $2"],
  [/[:,]$/u, " $& "],
  [/(?<!\.)\.{2,}/gu, " $& "],
  [/[;@#$%&]/gu, " $& "],
  [/[\u2012-\u2015]/gu, " $& "],
  [/([^.])(\.)([\])}>"']*)\s*$/u, "$1 $2$3 "],
  [/[?!]/gu, " $& "],
  [/([^'])' /gu, "$1 ' "],
  [/\*/gu, " $& "],
  [/[\][(){}<>]/gu, " $& "],
  [/--/gu, " $& "],
];

const CLOSING_QUOTES: readonly Rule[] = [
  [/[»”’]/gu, " $& "],
  [/''/gu, " $& "],
  [/"/gu, " '' "],
  [/(?<!\s)\s+/gu, " "],
  [/([^' ])('[sSmMdD]|') /gu, "$1 $2 "],
  [/([^' ])('ll|'LL|'re|'RE|'ve|'VE|n't|N'T) /gu, "$1 $2 "],
];

const CONTRACTIONS: readonly Rule[] = [
  ...["(can)(not)", "(d)('ye)", "(gim)(me)", "(gon)(na)", "(got)(ta)"],
  ...["(lem)(me)", "(more)('n)"],
]
  .map((parts): Rule => [
    new RegExp(`${EDGE}${parts}${EDGE}`, "giu"),
    " $1 $2 ",
  ])
  .concat([
    [new RegExp(`${EDGE}(wan)(na)(?=\\s)`, "giu"), " $1 $2 "],
    [new RegExp(` ('t)(is)${EDGE}`, "giu"), " $1 $2 "],
    [new RegExp(` ('t)(was)${EDGE}`, "giu"), " $1 $2 "],
  ]);

/** Words and marks of English text, in order. */
export function treebankWords(text: string): string[] {
  return sentences(text).flatMap((sentence) => {
    const split = applied(sentence, [...OPENING_QUOTES, ...PUNCTUATION]);
    return splitWords(
      applied(` ${split} `, [...CLOSING_QUOTES, ...CONTRACTIONS]),
    );
  });
}

function applied(text: string, rules: readonly Rule[]): string {
  return rules.reduce(
    (changed, [pattern, replacement]) => changed.replace(pattern, replacement),
    text,
  );
}
