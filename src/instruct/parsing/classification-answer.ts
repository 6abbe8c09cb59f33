/**
 * @file Reading whether an instruction is a classification task out of a model's
 * yes or no.
 *
 * An answer that says both or neither is no answer: it is refused, never guessed.
 */
import type { LanguagePack } from "../language-packs/language-pack.js";
import type { Answer, RejectedFragment } from "../records.js";
import { fragments, readableText } from "./answer-text.js";
import { alternatives, asWritten } from "./labelled-lines.js";

export type ClassificationAnswer =
  | {
      readonly accepted: true;
      readonly isClassification: boolean;
      /** The word of the answer that decided. */
      readonly evidence: string;
    }
  | {
      readonly accepted: false;
      readonly rejected: readonly RejectedFragment[];
    };

/** Yes or no, from the first word or, failing that, from the only such word. Never throws. */
export function parseClassification(
  answer: Answer,
  pack: LanguagePack,
): ClassificationAnswer {
  const { text, rejected } = readableText(answer);
  const found = firstWord(text, pack) ?? onlyWord(text, pack) ?? undefined;
  return found === undefined
    ? {
        accepted: false,
        rejected: [...rejected, ...fragments(text, "no-structure")],
      }
    : {
        accepted: true,
        isClassification: found.isClassification,
        evidence: found.evidence,
      };
}

interface Finding {
  readonly isClassification: boolean;
  readonly evidence: string;
}

function firstWord(text: string, pack: LanguagePack): Finding | undefined {
  const prompt = alternatives(
    [...pack.labels.classification, ...pack.labels.output],
    pack,
  );
  const start = text
    .trimStart()
    .replace(
      new RegExp(`^[*_#\\s[【［]*(?:${prompt})[*_\\]】］]*\\s*[:：?？]?`, "iu"),
      "",
    )
    .replace(/^[\s*_"'“‘(（[【［:：]+/u, "");
  const match = new RegExp(`^(?:${decisiveWords(pack)})`, "iu").exec(start);
  return match === null ? undefined : finding(match[0], pack);
}

function onlyWord(text: string, pack: LanguagePack): Finding | undefined {
  const found = [...text.matchAll(new RegExp(decisiveWords(pack), "giu"))].map(
    (match) => finding(match[0], pack),
  );
  const [first] = found;
  return first !== undefined &&
    found.every((one) => one.isClassification === first.isClassification)
    ? first
    : undefined;
}

function finding(word: string, pack: LanguagePack): Finding {
  return {
    isClassification: pack.labels.yes.includes(asWritten(word, pack)),
    evidence: word,
  };
}

/** Latin words must stand alone; Chinese has no boundaries to ask for. */
function decisiveWords(pack: LanguagePack): string {
  // Longest first over both, for 不是 begins with neither but contains 是.
  const words = alternatives([...pack.labels.yes, ...pack.labels.no], pack);
  return `(?<![A-Za-z])(?:${words})(?![A-Za-z])`;
}
