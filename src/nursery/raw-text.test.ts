import { describe, expect, it } from "vitest";
import { sha256 } from "../foundation/hash.js";
import { randomStream } from "../foundation/random.js";
import { FAMILIES, makeTask, readPrompt } from "./families.js";
import {
  SLOT_PATTERNS,
  fillTemplate,
  fits,
  joinPrompt,
  type Family,
  type NurseryTask,
  type SlotName,
  type SlotValues,
} from "./family.js";
import { rawSentence, rawTextVerdict, type RawSentence } from "./raw-text.js";
import { isHeldOutArgument } from "./split.js";

function sentences(seed: number, count: number): RawSentence[] {
  const random = randomStream(seed, "raw-text-test");
  return Array.from({ length: count }, () => rawSentence(random));
}

interface Stated {
  readonly family: Family;
  readonly slots: SlotValues;
  readonly task: NurseryTask;
  readonly answer: string;
}

const STATEMENT_READERS = FAMILIES.flatMap((family) =>
  family.statements.map((statement) => ({
    family,
    statement,
    expression: new RegExp(
      `^${statement.text.replace(/\{(\w+)\}/g, (_slot, name: string) =>
        name === "answer"
          ? "(?<answer>.+)"
          : `(?<${name}>${SLOT_PATTERNS[name as SlotName]})`,
      )}$`,
    ),
  })),
);

/** The statement inside a raw sentence, read back independently of its making. */
function statedIn({ text }: RawSentence): Stated | undefined {
  const clause = text
    .replace(/ \. the teacher said \w+ \.$/, "")
    .replace(/^\w+ (?:wrote|says|thinks) that /, "")
    .replace(/ \.$/, "");
  for (const { family, statement, expression } of STATEMENT_READERS) {
    const { answer = "", ...captured } = expression.exec(clause)?.groups ?? {};
    const slots: SlotValues = { ...captured, ...statement.fixed };
    const phrasing = family.phrasings.find((each) => fits(each, slots));
    if (answer === "" || phrasing === undefined) continue;
    if (family.solve(slots) === undefined) continue;
    return { family, slots, task: makeTask(family, phrasing, slots), answer };
  }
  return undefined;
}

const SAMPLE = sentences(1, 6000);
const STATED = SAMPLE.map((sentence) => ({
  sentence,
  stated: statedIn(sentence),
}));

describe("raw text", () => {
  it("is frozen: the shipped base model was trained on this stream", () => {
    const text = sentences(1, 2000)
      .map((sentence) => sentence.text)
      .join("\n");
    expect(sha256(text)).toBe(
      "5c72c4cb94cb52736b0fc5cc134b7c07f63893cff76b7dd78a42e8d3cfdf0134",
    );
  });

  it("has a verdict in 45 % of its sentences", () => {
    const withVerdict = SAMPLE.filter(({ verdict }) => verdict !== undefined);
    expect(withVerdict.length / SAMPLE.length).toBeGreaterThan(0.43);
    expect(withVerdict.length / SAMPLE.length).toBeLessThan(0.47);
  });

  it("ends a verdict sentence with the verdict word and the stop", () => {
    const misshapen = SAMPLE.filter(({ text, verdict }) =>
      verdict === undefined
        ? !text.endsWith(" .") || text.includes("the teacher said")
        : !new RegExp(
            `^\\w+ (wrote|says|thinks) that .* \\. the teacher said ${verdict} \\.$`,
          ).test(text),
    );
    expect(misshapen).toEqual([]);
  });

  it("balances the verdicts at about 40, 20 and 40 %", () => {
    const verdicts = SAMPLE.flatMap(({ verdict }) => verdict ?? []);
    const share = (wanted: string): number =>
      verdicts.filter((verdict) => verdict === wanted).length / verdicts.length;
    expect(share("right")).toBeCloseTo(0.4, 1);
    expect(share("close")).toBeCloseTo(0.2, 1);
    expect(share("wrong")).toBeCloseTo(0.4, 1);
  });

  it("gives every statement the verdict that the verifier gives", () => {
    const judged = STATED.flatMap(({ sentence, stated }) =>
      stated === undefined || sentence.verdict === undefined
        ? []
        : [{ sentence, verdict: rawTextVerdict(stated.task, stated.answer) }],
    );
    expect(judged.length).toBeGreaterThan(0.43 * SAMPLE.length);
    expect(
      judged.filter(({ sentence, verdict }) => sentence.verdict !== verdict),
    ).toEqual([]);
  });

  it("states about a fifth of the plain facts wrongly", () => {
    const plain = STATED.filter(
      ({ sentence, stated }) =>
        sentence.verdict === undefined && stated !== undefined,
    );
    const wrong = plain.filter(
      ({ stated }) => stated?.task.answer !== stated?.answer,
    );
    expect(plain.length).toBeGreaterThan(0.48 * SAMPLE.length);
    expect(wrong.length / plain.length).toBeGreaterThan(0.17);
    expect(wrong.length / plain.length).toBeLessThan(0.23);
  });

  it("tells of every family and of no held-out argument", () => {
    const told = STATED.flatMap(({ stated }) => stated ?? []);
    expect(
      told.filter(({ family, slots }) => isHeldOutArgument(family, slots)),
    ).toEqual([]);
    expect([...new Set(told.map(({ family }) => family.name))].sort()).toEqual(
      FAMILIES.map(({ name }) => name).sort(),
    );
  });

  it("never says an instruction prompt", () => {
    const clauses = SAMPLE.flatMap(({ text }) =>
      text.replace(/ \.$/, "").split(" . "),
    );
    expect(
      clauses.filter((clause) => readPrompt(clause) !== undefined),
    ).toEqual([]);
  });

  it("never holds a prompt about the same argument inside a sentence", () => {
    const holding = STATED.filter(({ sentence, stated }) =>
      stated?.family.phrasings
        .filter((phrasing) => fits(phrasing, stated.slots))
        .some(({ instruction, input = "" }) =>
          ` ${sentence.text} `.includes(
            ` ${fillTemplate(joinPrompt(instruction, input), stated.slots)} `,
          ),
        ),
    );
    expect(holding).toEqual([]);
  });

  it("gives the same sentences for the same seed, others for another", () => {
    expect(sentences(2, 100)).toEqual(sentences(2, 100));
    expect(sentences(2, 100)).not.toEqual(sentences(3, 100));
  });
});
