/**
 * @file What a person found who read the sample: table 2 of the paper.
 */
import { count, counted, percent } from "../../text/number-words.js";
import { barTable } from "../html/bar-table.js";
import { section } from "../html/figure.js";
import { unbroken } from "../html/format.js";
import { html, type Markup } from "../html/markup.js";
import type { ReviewTable } from "./schema.js";

/** Null where nobody has marked anything. */
export function reviewSection(review: ReviewTable | undefined): Markup | null {
  if (review === undefined) return null;
  const title = "What a reader found";
  return section({
    id: "review",
    title,
    lead: unbroken(
      `${counted(review.reviewed, "row")} of ${count(review.rows)} in review.jsonl are marked. Worry where the paper’s own share lies above the interval: [low, high] is 95 %, and a few rows leave it wide.`,
    ),
    body: html`<div class="card">
      ${barTable({
        title,
        head: ["question", "good", "paper"],
        rows: review.lines.map(
          ({ question, good, reviewed, share, paper }) => ({
            name: question,
            note:
              share === undefined
                ? "not marked yet"
                : `${count(good)} of ${count(reviewed)}, [${percent(share.low, 0)}, ${percent(share.high, 0)}]`,
            parts: [
              { start: 0, length: share?.mean ?? 0, color: "var(--data)" },
            ],
            numbers: [
              share === undefined ? "–" : percent(share.mean, 0),
              percent(paper, 0),
            ],
          }),
        ),
      })}
    </div>`,
  });
}
