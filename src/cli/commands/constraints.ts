/**
 * @file `autodidact constraints`: prompts whose answers a program can check.
 */
import {
  heldOutRows,
  HELD_OUT_COUNT,
  kindsIn,
  LANGUAGE_NAMES,
  RESEMBLANCE,
  constrainedRows,
  type LanguageName,
} from "../../constrained-prompts/constrained-rows.js";
import {
  kindsWithin,
  readDifficulty,
  type KindDifficulty,
} from "../../constrained-prompts/difficulty.js";
import { AutodidactError } from "../../foundation/error.js";
import { writeJsonLines } from "../../foundation/json-lines.js";
import { requireWritableFile } from "../../pipelines/run/output-path.js";
import { nearestKey } from "../../text/nearest-key.js";
import { counted, percent } from "../../text/number-words.js";
import { defineCommand } from "../command.js";
import { SEED } from "../common-options.js";
import { choice, integerOption, list, number, textOption } from "../options.js";
import { rowOutput } from "../row-output.js";

export const constraintsCommand = defineCommand({
  name: "constraints",
  summary: "Make prompts with constraints that a program can check",
  description: `Writes rows {key, prompt, instruction_id_list, kwargs}, as IFEval has them: a task about a subject with one to three constraints that go together. evaluate --suite ifeval grades answers to them, judge --verifier constraints scores them, and a recipe takes them as prompts.file. With --held-out also the held-out suite, the same ${HELD_OUT_COUNT} prompts for everybody: no other prompt of any seed has one of its subjects or a ROUGE-L above ${RESEMBLANCE} to one of its prompts. With --difficulty only kinds that a model met sometimes: from what it always or never does it learns nothing.`,
  options: {
    count: integerOption("N", "Prompts to make", { min: 1, default: 300 }),
    out: textOption("FILE", 'Where they go; "-" is standard output', {
      required: true,
    }),
    heldOut: textOption("FILE", "Where the held-out suite goes"),
    language: choice(LANGUAGE_NAMES, "Language of the prompts", {
      default: "en",
    }),
    kinds: list(
      "ID",
      "Only this kind, such as punctuation:no_comma; may be given several times",
    ),
    difficulty: textOption(
      "FILE",
      "Only kinds that the answers in it meet within the bounds: graded rows, as evaluate --suite ifeval --out writes them",
    ),
    minMet: number("SHARE", "With --difficulty: met at least so often", {
      min: 0,
      max: 1,
      default: 0.15,
    }),
    maxMet: number("SHARE", "With --difficulty: met at most so often", {
      min: 0,
      max: 1,
      default: 0.85,
    }),
    seed: SEED,
  },
  examples: {
    "autodidact constraints --count 300 --out prompts.jsonl --held-out held-out.jsonl":
      "Writes 300 prompts, and the suite that stays a test",
    "autodidact constraints --count 300 --seed 2 --out prompts.jsonl --difficulty graded.jsonl":
      "Takes the kinds that the graded answers meet 15 to 85 % of the time",
  },
  run: async (values, io) => {
    const { out, heldOut, language, difficulty } = values;
    const output = await rowOutput(io, out, [difficulty]);
    if (heldOut !== undefined)
      await requireWritableFile(heldOut, [out, difficulty]);
    const measured =
      difficulty === undefined ? null : await readDifficulty(difficulty);
    const kinds = chosenKinds(values, measured);
    const { rows, rejected } = constrainedRows({ ...values, kinds });
    if (heldOut !== undefined)
      await writeJsonLines(heldOut, heldOutRows(language));
    if (output.file === undefined) rows.forEach(output.print);
    else await writeJsonLines(output.file, rows);
    for (const line of measured?.map(shown) ?? []) io.remark(line);
    output.summarize(
      `${counted(rows.length, "prompt")} of ${counted(kinds.length, "kind")}; not taken: ${rejected.heldOut} like a held-out prompt, ${counted(rejected.duplicate, "duplicate")}: ${out}`,
    );
    io.printJson({
      prompts: rows.length,
      kinds,
      rejected,
      difficulty: measured,
      out,
      heldOut,
    });
  },
});

/** @throws USAGE for a kind that is not made in the language, or when none is left */
function chosenKinds(
  values: {
    readonly language: LanguageName;
    readonly kinds: readonly string[];
    readonly minMet: number;
    readonly maxMet: number;
  },
  measured: readonly KindDifficulty[] | null,
): readonly string[] {
  const { language, kinds, minMet, maxMet } = values;
  const known = kindsIn(language);
  const unknown = kinds.find((kind) => !known.includes(kind));
  if (unknown !== undefined) {
    const nearest = nearestKey(unknown, known);
    throw new AutodidactError(
      "USAGE",
      `The kind “${unknown}” is not made in this language (${language}). ${nearest === undefined ? `There are ${known.join(", ")}.` : `Did you mean “${nearest}”?`}`,
      { kind: unknown },
    );
  }
  const within = measured && new Set(kindsWithin(measured, [minMet, maxMet]));
  const left = known.filter(
    (kind) =>
      (kinds.length === 0 || kinds.includes(kind)) &&
      within?.has(kind) !== false,
  );
  if (left.length > 0) return left;
  throw new AutodidactError(
    "USAGE",
    `No kind is left: of those asked for none was met between ${percent(minMet, 0)} and ${percent(maxMet, 0)} of the time. Widen --min-met and --max-met, or grade more answers.`,
    { kinds: measured?.map(({ kind }) => kind) ?? [] },
  );
}

const shown = ({ kind, graded, met }: KindDifficulty): string =>
  `${kind}: met ${met} of ${graded}`;
