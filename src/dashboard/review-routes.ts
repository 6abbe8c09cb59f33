/**
 * @file The routes of reviews: what to look at next, a verdict, what comes of them.
 */
import { Hono } from "hono";
import { stream } from "hono/streaming";
import { z } from "zod";
import { notFound } from "./api/failure.js";
import { bodyOf, queryOf } from "./request-parts.js";
import { hangUp } from "./live-route.js";
import { openReviews, type Reviews } from "./review/reviews.js";
import type { RunLibrary } from "./runs/run-library.js";

const MOST_NAME = 100;

const reviewer = z.string().trim().min(1).max(MOST_NAME);

const reviewQuery = z.strictObject({
  subject: z.enum(["pairs", "rows"]),
  reviewer,
  blind: z.stringbool().exactOptional(),
});

const id = z.number().int().min(1);

const newVerdict = z.discriminatedUnion("subject", [
  z.strictObject({
    subject: z.literal("pairs"),
    id,
    reviewer,
    blind: z.boolean(),
    swapped: z.boolean(),
    better: z.enum(["left", "right", "equal"]),
    content: z.string(),
  }),
  z.strictObject({
    subject: z.literal("rows"),
    id,
    reviewer,
    instruction: z.boolean(),
    input: z.boolean(),
    output: z.boolean(),
    content: z.string(),
  }),
]);

const file = z.enum(["pairs.jsonl", "eft.jsonl", "verdicts.jsonl"]);

export function reviewRoutes(library: RunLibrary): Hono {
  const app = new Hono();
  const reviewsOf = (run: string): Reviews => openReviews(library.place(run));
  app.get("/runs/:run/review", (context) =>
    context.json(
      reviewsOf(context.req.param("run")).next(queryOf(context, reviewQuery)),
    ),
  );
  app.post("/runs/:run/review", async (context) => {
    const verdict = await bodyOf(context, newVerdict);
    return context.json(reviewsOf(context.req.param("run")).add(verdict));
  });
  app.get("/runs/:run/review/summary", (context) =>
    context.json(reviewsOf(context.req.param("run")).summary()),
  );
  app.get("/runs/:run/review/export/:file", async (context) => {
    const { run, file: name } = context.req.param();
    const wanted = file.safeParse(name).data;
    if (wanted === undefined) throw notFound("file", name);
    const lines = reviewsOf(run).export(wanted)[Symbol.asyncIterator]();
    // A file that cannot be made is a failure, not an empty file.
    let line = await lines.next();
    context.header("content-type", "application/jsonl; charset=utf-8");
    context.header("content-disposition", `attachment; filename="${wanted}"`);
    return stream(
      context,
      async (out) => {
        try {
          for (; line.done !== true && !out.aborted; line = await lines.next())
            await out.write(line.value);
        } finally {
          await lines.return?.();
        }
      },
      hangUp,
    );
  });
  return app;
}
