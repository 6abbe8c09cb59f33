/**
 * @file The final answer of a response, and whether it is the reference's: compared as a
 * number, as the letter of a choice, or as text, whichever the reference is.
 */
import { normalizedText } from "../normalized-text.js";
import { equal, type Fraction } from "./fraction.js";
import { numbersIn } from "./numbers.js";

/** Words before an answer. The last of them counts. */
const ANNOUNCED =
  /(?:answer(?:\s+is|\s*:)|答案(?:是|为|：|:)|####)[*\s:：]*(?<answer>(?:(?![.。](?:\s|$))[^\n])*)/giu;
const CHOICE = /^\(?(?<letter>[A-Z])\)?[.:]?$/u;
const LONE_LETTER = /(?<![\p{L}\p{N}'’])[A-Z](?![\p{L}\p{N}'’])/gu;

export interface FinalAnswer {
  /** What was compared; null where the response has none. */
  readonly extracted: string | null;
  readonly correct: boolean;
}

/** Behind the last “####” of a worked answer, otherwise all of it; null where there is none. */
export function answerOf(answer: unknown): string | null {
  if (typeof answer !== "string" && typeof answer !== "number") return null;
  return String(answer).split("####").at(-1)?.trim() || null;
}

/** @param reference the answer alone: a number, a letter, or words */
export function matchFinalAnswer(
  reference: string,
  response: string,
): FinalAnswer {
  const announced = announcedAnswer(response);
  const wanted = reference.trim();
  const letter = CHOICE.exec(wanted)?.groups?.["letter"];
  if (letter !== undefined) {
    const found = chosenLetter(announced, response);
    return { extracted: found, correct: found === letter };
  }
  const [number, ...others] = numbersIn(wanted);
  if (number !== undefined && others.length === 0 && isBareNumber(wanted)) {
    const given = finalNumber(announced, response);
    return {
      extracted: given?.text ?? null,
      correct: given !== null && equal(given.value, number),
    };
  }
  const text = announced ?? response.trim().split("\n").at(-1) ?? "";
  return {
    extracted: text === "" ? null : text,
    correct: normalizedText(text) === normalizedText(wanted),
  };
}

/** A number with no more beside it than a currency and a unit of a few words. */
function isBareNumber(text: string): boolean {
  const rest = text.replace(/\\[a-z]+|[\d\s.,/$€£¥%{}-]/gu, " ").trim();
  return rest === "" || rest.split(/\s+/u).length <= 3;
}

/** In the last box, or behind the last words that announce an answer. */
function announcedAnswer(response: string): string | null {
  const boxed = lastBoxed(response);
  if (boxed !== null) return boxed.trim();
  const last = [...response.matchAll(ANNOUNCED)].at(-1);
  const answer = last?.groups?.["answer"]?.trim() ?? "";
  return answer === "" ? null : answer.replace(/\*+$/u, "");
}

/** Inside the last `\boxed{…}`, braces balanced. */
function lastBoxed(response: string): string | null {
  const opening = "\\boxed{";
  const from = response.lastIndexOf(opening);
  if (from < 0) return null;
  let depth = 1;
  for (let at = from + opening.length; at < response.length; at++) {
    const character = response.charAt(at);
    if (character === "{") depth++;
    else if (character === "}") depth--;
    if (depth === 0) return response.slice(from + opening.length, at);
  }
  return null;
}

/** The first number of an announced answer, behind its last “=”; else the last of all. */
function finalNumber(
  announced: string | null,
  response: string,
): { readonly text: string; readonly value: Fraction } | null {
  const result = announced?.split("=").at(-1) ?? "";
  const [first] = numbersIn(result);
  if (first !== undefined) return { text: result.trim(), value: first };
  const last = numbersIn(response).at(-1);
  return last === undefined ? null : { text: shown(last), value: last };
}

function shown({ over, under }: Fraction): string {
  return under === 1n ? String(over) : String(Number(over) / Number(under));
}

function chosenLetter(
  announced: string | null,
  response: string,
): string | null {
  const opening = /^\(?([A-Z])(?:\)|[.:,]|\s*$|\n)/u.exec(response.trim());
  return (
    announced?.match(LONE_LETTER)?.[0] ??
    opening?.[1] ??
    response.match(LONE_LETTER)?.at(-1) ??
    null
  );
}
