/**
 * @file Filters of a table as `COLUMN:OP:VALUE`, checked against its columns: on values
 * that are kept in memory, or on texts of the ledger, which are read to know.
 */
import { DashboardFailure } from "../api/failure.js";
import { compareWords, type GrowingColumn } from "./growing-column.js";
import {
  columnNamed,
  type ShownColumn,
  type TableSpec,
} from "./table-specs.js";

const OPERATIONS = ["eq", "ne", "lt", "le", "gt", "ge", "has"] as const;
type Operation = (typeof OPERATIONS)[number];

export interface ColumnFilter {
  readonly column: ShownColumn;
  readonly operation: Operation;
  readonly value: string;
}

/** @throws DashboardFailure USAGE */
export function parseFilter(spec: TableSpec, filter: string): ColumnFilter {
  const [name = "", operation = "", ...rest] = filter.split(":");
  const column = columnNamed(spec, name);
  const known = OPERATIONS.find((one) => one === operation);
  if (column === undefined || known === undefined || rest.length === 0)
    throw new DashboardFailure(
      "USAGE",
      `The filter "${filter.slice(0, 100)}" cannot be read. COLUMN:OP:VALUE was expected, with a column of ${spec.name} and ${OPERATIONS.join(", ")}.`,
    );
  const value = rest.join(":");
  const made = { column, operation: known, value };
  if (isNumeric(column) && known !== "has" && value !== "") requireNumber(made);
  if (!column.sortable && !["eq", "ne", "has"].includes(known))
    throw new DashboardFailure(
      "USAGE",
      `Rows of ${spec.name} are not ordered by ${name}. Filter it with eq, ne or has.`,
    );
  return made;
}

function isNumeric({ kind }: ShownColumn): boolean {
  return kind !== "text" && kind !== "json";
}

/** @throws DashboardFailure USAGE */
function requireNumber({ column, value }: ColumnFilter): number {
  const number =
    column.kind === "flag" && (value === "true" || value === "false")
      ? Number(value === "true")
      : Number(value.trim() === "" ? NaN : value);
  if (!Number.isNaN(number)) return number;
  throw new DashboardFailure(
    "USAGE",
    `The filter on ${column.name} has "${value.slice(0, 100)}", a number was expected.`,
  );
}

/**
 * Whether a row passes, by its id. An absent value passes `eq` and `ne` of an empty
 * value only, and `ne` of any other.
 */
export function valueTest(
  filter: ColumnFilter,
  values: GrowingColumn | "id",
): (id: number) => boolean {
  const { operation, value } = filter;
  if (values === "id") {
    const compare = comparison(operation, requireNumber(filter), value);
    return (id) => compare(id);
  }
  const { words } = values;
  if (value === "" && (operation === "eq" || operation === "ne")) {
    const wanted = operation === "eq";
    return (id) => Number.isNaN(values.at(id)) === wanted;
  }
  if (words === null) {
    const wanted = operation === "has" ? NaN : requireNumber(filter);
    const compare = comparison(operation, wanted, value);
    return (id) => {
      const found = values.at(id);
      return Number.isNaN(found) ? operation === "ne" : compare(found);
    };
  }
  const passes = words.map((word) => wordTest(operation, value, word));
  return (id) => {
    const place = values.at(id);
    return Number.isNaN(place)
      ? operation === "ne"
      : (passes[place] as boolean);
  };
}

function comparison(
  operation: Operation,
  wanted: number,
  text: string,
): (found: number) => boolean {
  switch (operation) {
    case "eq":
      return (found) => found === wanted;
    case "ne":
      return (found) => found !== wanted;
    case "lt":
      return (found) => found < wanted;
    case "le":
      return (found) => found <= wanted;
    case "gt":
      return (found) => found > wanted;
    case "ge":
      return (found) => found >= wanted;
    case "has":
      return (found) => String(found).includes(text);
  }
}

function wordTest(operation: Operation, wanted: string, word: string): boolean {
  if (operation === "has")
    return word.toLowerCase().includes(wanted.toLowerCase());
  return comparison(operation, 0, "")(compareWords(word, wanted));
}
