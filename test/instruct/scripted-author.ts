/**
 * @file A base model for tests that knows how to play Self-Instruct: it continues
 * lists of instructions, says yes or no, and writes instances, all drawn from the
 * request's seed, so that the same request always gets the same answer. Some of
 * what it writes is bad on purpose.
 */
import { hashOf } from "../../src/foundation/hash.js";
import {
  randomStream,
  type RandomStream,
} from "../../src/foundation/random.js";
import type {
  Completion,
  GenerationRequest,
  LanguageModel,
} from "../../src/generation/language-model.js";

const VERBS = ["Describe", "List", "Compare", "Explain", "Rewrite", "Name"];
const NOUNS =
  "river lake mountain bridge kettle violin garden engine planet recipe letter market ticket forest harbour castle poem lantern window carpet basket".split(
    " ",
  );
const TAILS =
  "for a child;in two sentences;without using the letter e;as a short table;like a sailor;with one example;from memory;in plain words".split(
    ";",
  );

export interface ScriptedAuthor extends LanguageModel {
  /** Every request answered, in order. */
  readonly asked: GenerationRequest[];
}

export function scriptedAuthor(): ScriptedAuthor {
  const asked: GenerationRequest[] = [];
  return {
    identity: "scripted-author",
    asked,
    generate: (requests) => {
      asked.push(...requests);
      return Promise.resolve(requests.map((request) => [answer(request)]));
    },
    score: () => Promise.resolve([]),
  };
}

export function answer(request: GenerationRequest): Completion {
  const prompt =
    typeof request.prompt === "string"
      ? request.prompt
      : JSON.stringify(request.prompt);
  const stream = randomStream(request.seed, hashOf(prompt));
  const text = /\n(\d+)\.$/u.test(prompt)
    ? instructions(prompt, stream)
    : prompt.endsWith("Classification:")
      ? stream.pick([" Yes", " No", " No", " No", " Hm?"])
      : prompt.endsWith("Class label:")
        ? " yes\nInput: a cat\nClass label: no\nInput: a stone\nClass label: no\nInput: a stone"
        : instances(stream);
  const cut = stream.next() < 0.1;
  return {
    text: cut ? text.slice(0, -3) : text,
    tokens: text.length,
    finishReason: cut ? "length" : "stop",
  };
}

function instructions(prompt: string, stream: RandomStream): string {
  const first = Number(/\n(\d+)\.$/u.exec(prompt)?.[1]);
  const items = Array.from({ length: 7 }, () => {
    const luck = stream.next();
    if (luck < 0.1) return "Draw a picture of it.";
    if (luck < 0.2) return "Too short.";
    return `${stream.pick(VERBS)} a ${stream.pick(NOUNS)} and a ${stream.pick(NOUNS)} ${stream.pick(TAILS)}.`;
  });
  return items
    .map((item, place) =>
      place === 0 ? ` ${item}` : `${first + place}. ${item}`,
    )
    .join("\n");
}

function instances(stream: RandomStream): string {
  const luck = stream.next();
  if (luck < 0.1) return "I would rather not.";
  if (luck < 0.5) return `Output: The ${stream.pick(NOUNS)} is old.`;
  const [a, b] = [stream.pick(NOUNS), stream.pick(NOUNS)];
  return `Example 1\nInput: ${a}\nOutput: A ${a} it is.\nExample 2\nInput: ${b}\nOutput: ${luck < 0.6 ? b : `A ${b} it is.`}`;
}
