/**
 * @file What values of a kind are in a Parquet file, by its specification, "Types".
 */
import type { SchemaElement } from "hyparquet";

/** `whole` is a whole number of 64 bits. */
export type ScalarKind = "text" | "whole" | "number" | "boolean";

export const SCALAR_TYPES = {
  text: { type: "BYTE_ARRAY", converted_type: "UTF8" },
  whole: { type: "INT64" },
  number: { type: "DOUBLE" },
  boolean: { type: "BOOLEAN" },
} as const satisfies Readonly<
  Record<ScalarKind, Pick<SchemaElement, "type" | "converted_type">>
>;
