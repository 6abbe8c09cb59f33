/**
 * @file Does a row fit into the model? Asked of every row before the first is worked
 * on, so that a long one is named by its line and not met half-way.
 */
import type { RowPlace } from "../../data/formats/field-errors.js";
import { AutodidactError } from "../../foundation/error.js";

/**
 * @param place where the row stands; null for one given on the command line
 * @param tokens tokens of the row itself
 * @param more tokens that are to be generated
 * @param limit positions the model has
 * @param option by which the command is told how many to generate
 * @throws BAD_INPUT naming file and line
 */
export function requireFits(row: {
  readonly place: RowPlace | null;
  readonly tokens: number;
  readonly more: number;
  readonly limit: number;
  readonly option?: string;
}): void {
  const { place, tokens, more, limit, option = "--max-tokens" } = row;
  if (tokens > 0 && tokens + more <= limit) return;
  const where =
    place === null
      ? "The prompt"
      : `${place.path}, line ${place.line}: the row`;
  const asked = more > 0 ? ` and ${more} more are asked for` : "";
  throw new AutodidactError(
    "BAD_INPUT",
    `${where} has ${tokens} tokens${asked}, but this model handles 1 to ${limit} in all. Shorten or remove it${more > 0 ? `, or lower ${option}` : ""}.`,
    {
      ...(place === null ? {} : { path: place.path, line: place.line }),
      tokens,
      more,
      limit,
    },
  );
}
