/**
 * @file What a request says, checked: its query and its body, of which nothing is taken
 * that the API does not name.
 */
import type { Context } from "hono";
import type { z } from "zod";
import { DashboardFailure } from "./api/failure.js";

/**
 * The query by a schema of its parameters; one that comes several times is a list.
 * @param lists parameters that are lists also when they come once
 * @throws DashboardFailure USAGE naming the first parameter that is wrong
 */
export function queryOf<S extends z.ZodType>(
  context: Context,
  schema: S,
  lists: readonly string[] = [],
): z.output<S> {
  const given = Object.entries(context.req.queries()).map(
    ([name, values]): [string, unknown] => [
      name,
      values.length > 1 || lists.includes(name) ? values : values[0],
    ],
  );
  return checked(Object.fromEntries(given), schema, "query");
}

/** @throws DashboardFailure USAGE for a body that is not JSON, or not as the schema says */
export async function bodyOf<S extends z.ZodType>(
  context: Context,
  schema: S,
): Promise<z.output<S>> {
  const type = context.req.header("content-type") ?? "";
  if (!/^application\/json\s*(;|$)/i.test(type))
    throw new DashboardFailure(
      "USAGE",
      "A body with content-type application/json was expected. Send it so.",
    );
  const text = await context.req.text();
  try {
    return checked(JSON.parse(text), schema, "body");
  } catch (cause) {
    if (cause instanceof DashboardFailure) throw cause;
    throw new DashboardFailure(
      "USAGE",
      "The body is not JSON. Send one JSON object.",
      { cause },
    );
  }
}

function checked<S extends z.ZodType>(
  value: unknown,
  schema: S,
  where: string,
): z.output<S> {
  const { data, error } = schema.safeParse(value);
  if (error === undefined) return data;
  const [issue] = error.issues;
  const path = issue?.path.join(".") ?? "";
  throw new DashboardFailure(
    "USAGE",
    `The ${where} is not as the API says${path === "" ? "" : `, "${path}"`}: ${issue?.message ?? "unknown"}. docs/dashboard.md has its form.`,
    { cause: error },
  );
}
