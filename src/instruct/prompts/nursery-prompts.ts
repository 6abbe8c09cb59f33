/**
 * @file Everything Self-Instruct asks, in the nursery's closed vocabulary.
 *
 * The steps are the paper's (tables 5 to 8): new tasks after a list of tasks, whether
 * a task is a classification task, an instance. Two things differ, both forced by the
 * world. No worked examples are shown, because a model of a million parameters learns
 * nothing from its context; it is taught the form (prompt-lessons.ts). And a task
 * carries its input in its own line ("sort the digits : 4 1 7"), so an instance is an
 * output alone, and input-first and output-first are the same question.
 */
import type { RuleName } from "../language-packs/language-pack.js";
import type { ClassificationAnswer } from "../parsing/classification-answer.js";
import type { Answer, Instance, Parsed, RejectedFragment } from "../records.js";
import type { ModelPrompt, PromptStyle } from "./prompt-set.js";
import type { TeachablePromptSet } from "./teachable-prompt-set.js";

/** Changes whenever any wording changes. */
const VERSION = 1;

export interface NurseryPromptOptions {
  readonly style: PromptStyle;
  /** New instructions taken from one answer. */
  readonly newInstructions: number;
  readonly enabled: ReadonlySet<RuleName>;
}

/** Makes the prompt set; completion prompts are plain text, chat prompts one message. */
export function nurseryPrompts(
  options: NurseryPromptOptions,
): TeachablePromptSet {
  const { style } = options;
  const ask = (text: string): ModelPrompt => ({
    prompt:
      style === "completion"
        ? `${text} answer :`
        : [{ role: "user", content: text }],
    stop: [],
  });
  return {
    id: `nursery-${style}-${VERSION}`,
    instructions: (examples) =>
      ask(`write new tasks like these : ${examples.join(" ; ")}`),
    instructionsAnswer: (instructions) => instructions.join(" ; "),
    readInstructions: (answer) => readList(answer, options),
    classification: (instruction) => ask(`choose yes or no : ${instruction}`),
    classificationAnswer: (isClassification) =>
      isClassification ? "yes" : "no",
    readClassification,
    instances: (instruction) => ask(instruction),
    instancesAnswer: ([first]) => first?.output ?? "",
    readInstances: (answer) => readOutput(answer, options),
  };
}

function readList(
  { text, finishReason }: Answer,
  { enabled, newInstructions }: NurseryPromptOptions,
): Parsed<string> {
  const accepted: string[] = [];
  const rejected: RejectedFragment[] = [];
  const items = text
    .split(";")
    .map((item) => item.trim())
    .filter((item) => item !== "");
  const cut = finishReason === "length" && enabled.has("truncated-last-item");
  items.forEach((item, place) => {
    if (cut && place === items.length - 1) {
      rejected.push({ text: item, reason: "truncated-last-item" });
    } else if (accepted.length === newInstructions) {
      rejected.push({ text: item, reason: "too-many-items" });
    } else accepted.push(item);
  });
  return { accepted, rejected };
}

function readClassification({ text }: Answer): ClassificationAnswer {
  const answer = text.trim();
  return answer === "yes" || answer === "no"
    ? { accepted: true, isClassification: answer === "yes", evidence: answer }
    : { accepted: false, rejected: [{ text: answer, reason: "no-structure" }] };
}

function readOutput(
  { text, finishReason }: Answer,
  { enabled }: NurseryPromptOptions,
): Parsed<Instance> {
  const output = text.trim();
  if (output === "") return { accepted: [], rejected: [] };
  return finishReason === "length" && enabled.has("truncated-last-item")
    ? {
        accepted: [],
        rejected: [{ text: output, reason: "truncated-last-item" }],
      }
    : { accepted: [{ input: "", output }], rejected: [] };
}
