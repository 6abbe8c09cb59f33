/**
 * @file Prompts that carry their constraints, in IFEval's rows: `key`, `prompt`,
 * `instruction_id_list`, and `kwargs`, one object of arguments for each id. Arguments
 * that are null or empty count as absent, as in the reference.
 */
import { z } from "zod";
import { nearestKey } from "../../../text/nearest-key.js";
import {
  checkRow,
  rowError,
  type RowPlace,
} from "../../../data/formats/field-errors.js";
import { rowReader, type PlacedRow } from "../../../data/formats/rows.js";
import { AutodidactError } from "../../../foundation/error.js";
import type { Check } from "./constraint.js";
import { CONSTRAINT_IDS, constraintKind } from "./constraints.js";

const textField = z.string("it must be text");

const promptRow = z.looseObject({
  key: z.union(
    [z.string(), z.number(), z.bigint()],
    "it must be a text or a number",
  ),
  prompt: textField.min(1, "it must not be empty"),
  instruction_id_list: z
    .array(textField, "it must be a list of texts")
    .min(1, "at least one constraint is needed"),
  kwargs: z.array(
    z.record(z.string(), z.unknown(), "it must be an object").nullable(),
    "it must be a list of objects",
  ),
});

const FORMAT = {
  name: "prompts with constraints",
  example:
    '{"key": 1, "prompt": "…", "instruction_id_list": ["punctuation:no_comma"], "kwargs": [{}]}',
  row: promptRow,
};
const readPromptRows = rowReader(FORMAT);

export interface ConstrainedPrompt {
  readonly key: string;
  readonly prompt: string;
  readonly row: Readonly<Record<string, unknown>>;
  readonly ids: readonly string[];
  /** One for each id. */
  readonly checks: readonly Check[];
}

/** @throws BAD_INPUT naming file, line and field */
export async function readConstrainedPrompts(
  path: string,
): Promise<readonly PlacedRow<ConstrainedPrompt>[]> {
  const rows = await readPromptRows(path);
  return rows.map(({ row, ...place }) => ({
    ...place,
    row: {
      key: String(row.key),
      prompt: row.prompt,
      row,
      ids: row.instruction_id_list,
      checks: constraintsOf(row, place),
    },
  }));
}

const constraintFields = promptRow.pick({
  instruction_id_list: true,
  kwargs: true,
});

/**
 * The constraints of a row of any file; null where it has none that are known, with
 * arguments that fit.
 */
export function checksOf(
  row: Readonly<Record<string, unknown>>,
): Pick<ConstrainedPrompt, "ids" | "checks"> | null {
  const fields = constraintFields.safeParse(row);
  if (!fields.success) return null;
  try {
    return {
      ids: fields.data.instruction_id_list,
      checks: constraintsOf(fields.data, { path: "the row", line: 1 }),
    };
  } catch (error) {
    if (error instanceof AutodidactError) return null;
    throw error;
  }
}

/**
 * The checks of a row, in its order.
 * @throws BAD_INPUT for an unknown kind, or arguments that do not fit theirs
 */
export function constraintsOf(
  row: {
    readonly instruction_id_list: readonly string[];
    readonly kwargs: readonly (Readonly<Record<string, unknown>> | null)[];
  },
  place: RowPlace,
): readonly Check[] {
  const { instruction_id_list: ids, kwargs } = row;
  if (ids.length !== kwargs.length)
    throw rowError(
      place,
      `there are ${ids.length} constraints in “instruction_id_list” and ${kwargs.length} objects in “kwargs”`,
      "Give each constraint its own arguments, {} where it has none.",
      "kwargs",
    );
  return ids.map((id, i) => {
    const kind = constraintKind(id);
    if (kind === undefined) throw unknownKind(id, place);
    const args = Object.fromEntries(
      Object.entries(kwargs[i] ?? {}).filter(([, value]) => !isAbsent(value)),
    );
    return checkRow(args, kind.schema, {
      ...place,
      format: { name: `the arguments of ${id}`, example: FORMAT.example },
    });
  });
}

function isAbsent(value: unknown): boolean {
  return (
    value === null ||
    value === "" ||
    value === false ||
    (Array.isArray(value) && value.length === 0)
  );
}

function unknownKind(id: string, place: RowPlace): Error {
  const nearest = nearestKey(id, CONSTRAINT_IDS);
  return rowError(
    place,
    `the constraint “${id}” is not known`,
    nearest === undefined
      ? "docs/verifiers.md lists those that are; remove the prompt or the constraint."
      : `Did you mean “${nearest}”?`,
    "instruction_id_list",
  );
}
