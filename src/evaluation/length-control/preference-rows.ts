/**
 * @file Preferences against a reference, read and checked: rows with lengths, or the
 * annotations that AlpacaEval writes. The fields of a file's first row tell which.
 */
import { z } from "zod";
import { rowError } from "../../data/formats/field-errors.js";
import {
  readRowFile,
  rowReader,
  type PlacedRow,
} from "../../data/formats/rows.js";
import type { Preference } from "./length-control.js";

const OUT_OF_RANGE = "preferences go from 1 to 2";
const preferenceField = z
  .number("it must be a number from 1 to 2")
  .min(1, OUT_OF_RANGE)
  .max(2, OUT_OF_RANGE);
const lengthField = z
  .number("it must be a number of characters")
  .min(0, "a length is not negative");
const text = z.string("it must be text");

const lengthRow = z
  .object({
    model: text,
    prompt: z.union([text, z.number()], "it must be text or a number"),
    length_1: lengthField,
    length_2: lengthField,
    preference: preferenceField,
  })
  .transform(({ model, prompt, preference, ...row }) => ({
    model,
    prompt: JSON.stringify(prompt),
    length1: row.length_1,
    length2: row.length_2,
    preference,
    reference: null,
  }));

const annotation = z
  .object({
    instruction: text,
    output_1: text,
    generator_1: text,
    output_2: text,
    generator_2: text,
    /** Null where the judge gave none; 0 was a draw in files of the first version. */
    preference: z
      .union([z.literal(0), preferenceField], OUT_OF_RANGE)
      .nullable(),
  })
  .transform((row) => ({
    model: row.generator_2,
    prompt: JSON.stringify(row.instruction),
    length1: characters(row.output_1),
    length2: characters(row.output_2),
    preference: row.preference === 0 ? 1.5 : row.preference,
    reference: row.generator_1,
  }));

type ReadRow = z.output<typeof lengthRow> | z.output<typeof annotation>;

const readLengths = rowReader<ReadRow>({
  name: "a file of preferences",
  example:
    '{"model": "…", "prompt": 0, "length_1": 1200, "length_2": 900, "preference": 1.3}',
  row: lengthRow,
});
const readAnnotations = rowReader<ReadRow>({
  name: "AlpacaEval's annotations",
  example:
    '{"instruction": "…", "output_1": "…", "generator_1": "…", "output_2": "…", "generator_2": "…", "preference": 1.3}',
  row: annotation,
});

export interface PreferenceFile {
  readonly preferences: readonly Preference[];
  /** Rows whose judge gave no preference. */
  readonly unjudged: number;
}

/**
 * Reads the files, one after the other.
 * @throws BAD_INPUT naming file, line and field: a bad row, a model's second row for one
 *   prompt, a second reference, no preference at all
 */
export async function readPreferences(
  paths: readonly string[],
): Promise<PreferenceFile> {
  const placed: PlacedRow<ReadRow>[] = [];
  for (const path of paths) {
    const file = await readRowFile(path);
    const first = file.values[0]?.value;
    const annotated =
      first !== null && typeof first === "object" && "output_2" in first;
    placed.push(
      ...(annotated ? await readAnnotations(file) : await readLengths(file)),
    );
  }
  refuseRepeats(placed);
  refuseSecondReference(placed);
  const preferences = placed.flatMap(({ row: { preference, ...row } }) =>
    preference === null ? [] : [{ ...row, preference }],
  );
  const [first] = placed;
  if (preferences.length === 0 && first !== undefined)
    throw rowError(
      first,
      "no row of the file has a preference",
      "Let the judge annotate again; its answers could not be read.",
    );
  return { preferences, unjudged: placed.length - preferences.length };
}

function refuseRepeats(placed: readonly PlacedRow<ReadRow>[]): void {
  const seen = new Map<string, PlacedRow<ReadRow>>();
  for (const one of placed) {
    const { model, prompt } = one.row;
    const key = JSON.stringify([model, prompt]);
    const earlier = seen.get(key);
    if (earlier !== undefined)
      throw rowError(
        one,
        `“${model}” has a preference for this prompt already (${earlier.path}, line ${earlier.line})`,
        "Remove one of the two rows: each prompt counts once.",
        "prompt",
      );
    seen.set(key, one);
  }
}

function refuseSecondReference(placed: readonly PlacedRow<ReadRow>[]): void {
  const first = placed.find(({ row }) => row.reference !== null);
  const other = placed.find(
    ({ row }) =>
      row.reference !== null && row.reference !== first?.row.reference,
  );
  if (other === undefined) return;
  throw rowError(
    other,
    `the reference is “${other.row.reference}”, and “${first?.row.reference}” before`,
    "Compare models against one reference at a time.",
    "generator_1",
  );
}

/** As Python counts: pairs of surrogates are one character. */
function characters(value: string): number {
  return [...value].length;
}
