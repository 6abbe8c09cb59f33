/**
 * @file The routes of rows: tables, pages, one row with its lineage, held-out prompts.
 */
import { Hono } from "hono";
import { z } from "zod";
import { defined } from "../foundation/defined.js";
import type { RunId } from "./api/api.js";
import { queryOf } from "./request-parts.js";
import { comparedPrompts } from "./rows/compared-prompts.js";
import { openRunRows, type RunRows } from "./rows/run-rows.js";
import { requireSeveral } from "./run-comparison.js";
import type { RunLibrary } from "./runs/run-library.js";

/** Runs whose indexes are kept at hand; of more, those asked for last. */
const MOST_OPEN = 8;

const pageQuery = z.strictObject({
  sort: z.string().exactOptional(),
  direction: z.enum(["up", "down"]).exactOptional(),
  filter: z.array(z.string()).exactOptional(),
  search: z.string().exactOptional(),
  after: z.string().exactOptional(),
  limit: z.coerce.number().int().min(1).max(500).exactOptional(),
});

const heldOutQuery = z.strictObject({
  left: z.string(),
  right: z.string(),
  show: z.enum(["lost", "gained", "both", "neither", "all"]).exactOptional(),
  search: z.string().exactOptional(),
  after: z.string().exactOptional(),
});

const afterQuery = z.strictObject({ after: z.string().exactOptional() });

const comparedQuery = afterQuery.extend({ run: z.array(z.string()) });

export interface RowRouteParts {
  readonly library: RunLibrary;
  /** Folder for indexes of texts, null to keep none; the user's cache when absent. */
  readonly cache?: string | null;
  /** Closes what was opened for them. */
  readonly signal: AbortSignal;
}

export function rowRoutes(parts: RowRouteParts): Hono {
  const app = new Hono();
  const { library } = parts;
  const rowsOf = openedRows(parts);
  app.get("/runs/:run/tables", async (context) =>
    context.json(await rowsOf(context.req.param("run")).tables()),
  );
  app.get("/runs/:run/tables/:table", async (context) => {
    const { run, table } = context.req.param();
    const query = queryOf(context, pageQuery, ["filter"]);
    return context.json(await rowsOf(run).page(table, query));
  });
  app.get("/runs/:run/rows/:table/:id{[0-9]+}", async (context) => {
    const { run, table, id } = context.req.param();
    return context.json(await rowsOf(run).row(table, Number(id)));
  });
  app.get("/runs/:run/rows/:table/:id{[0-9]+}/:relation", async (context) => {
    const { run, table, id, relation } = context.req.param();
    const { after } = queryOf(context, afterQuery);
    return context.json(
      await rowsOf(run).relation(table, Number(id), relation, after),
    );
  });
  app.get("/runs/:run/held-out", async (context) =>
    context.json(
      await rowsOf(context.req.param("run")).heldOut(
        queryOf(context, heldOutQuery),
      ),
    ),
  );
  app.get("/comparison/prompts", async (context) => {
    const { run, after } = queryOf(context, comparedQuery, ["run"]);
    requireSeveral(run);
    const places = run.map((id) => library.place(id));
    return context.json(await comparedPrompts(places, after));
  });
  return app;
}

/** Rows of a run, opened when they are asked for first. */
function openedRows({
  library,
  signal,
  cache,
}: RowRouteParts): (id: RunId) => RunRows {
  const opened = new Map<RunId, RunRows>();
  signal.addEventListener("abort", () => {
    for (const rows of opened.values()) rows.close();
  });
  return (id) => {
    const place = library.place(id);
    const rows = opened.get(id) ?? openRunRows(place, defined({ cache }));
    // The one asked for last stands last.
    opened.delete(id);
    opened.set(id, rows);
    const [[oldest, unused] = []] = opened;
    if (opened.size > MOST_OPEN && oldest !== undefined) {
      unused?.close();
      opened.delete(oldest);
    }
    return rows;
  };
}
