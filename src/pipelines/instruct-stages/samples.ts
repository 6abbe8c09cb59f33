/**
 * @file Some of what was made and some of what every rule refused, for people to look
 * at: poison shows at a glance. Chosen evenly over the run, so the end of it, where a
 * pool collapses, is among them; cut short, so that a report stays small.
 */
import { z } from "zod";
import {
  CLASSIFICATION_STAGE,
  INSTANCE_STAGE,
  INSTRUCTION_STAGE,
} from "../../instruct/stages.js";
import type { LedgerReader } from "../../ledger/ledger.js";
import type { InstructReport } from "../../reporting/instruct/schema.js";
import { fixed } from "../../text/number-words.js";
import type { MadeTask } from "./made-tasks.js";

const ROWS = 10;
const OF_EACH_RULE = 3;
/** Most characters of a text. */
const LONGEST = 600;

/** Rows with an instance, and pieces of every rule, in their order. */
export function shownRows(
  tasks: readonly MadeTask[],
  ledger: LedgerReader,
): InstructReport["samples"] {
  const rows = tasks.flatMap(({ id, instruction, instances: [first] }) =>
    first === undefined
      ? []
      : [
          {
            id,
            instruction: cut(instruction),
            input: cut(first.input),
            output: cut(first.output),
          },
        ],
  );
  const chosen = spread(rows.length, ROWS);
  return {
    accepted: rows.filter((_, place) => chosen.has(place)),
    refused: [INSTRUCTION_STAGE, CLASSIFICATION_STAGE, INSTANCE_STAGE].flatMap(
      (stage) => refusedIn(ledger, stage),
    ),
  };
}

/** Reads the refusals twice, so that no more than what is shown is kept in memory. */
function refusedIn(
  ledger: LedgerReader,
  stage: string,
): InstructReport["samples"]["refused"][number][] {
  const counts = new Map<string, number>();
  for (const { rule } of ledger.read("rejections", { stage }))
    counts.set(rule, (counts.get(rule) ?? 0) + 1);
  const chosen = new Map(
    [...counts].map(([rule, count]) => [rule, spread(count, OF_EACH_RULE)]),
  );
  const seen = new Map<string, number>();
  const shown: InstructReport["samples"]["refused"][number][] = [];
  for (const row of ledger.read("rejections", { stage })) {
    const { rule } = row;
    const place = seen.get(rule) ?? 0;
    seen.set(rule, place + 1);
    if (chosen.get(rule)?.has(place) !== true) continue;
    shown.push({
      stage,
      rule,
      text: cut(row.text ?? ""),
      why: cut(reasonOf(row.evidence, row.score ?? null)),
    });
  }
  return shown;
}

const evidenceOf = z
  .object({
    /** Of the pool, where the piece was too similar. */
    nearest: z.string().optional().catch(undefined),
    /** What the rule found. */
    found: z.string().optional().catch(undefined),
    /** What the endpoint said. */
    message: z.string().optional().catch(undefined),
  })
  .catch({});

function reasonOf(evidence: unknown, score: number | null): string {
  const { nearest, found, message } = evidenceOf.parse(evidence);
  if (nearest !== undefined)
    return `nearest${score === null ? "" : ` (ROUGE-L ${fixed(score)})`}: ${nearest}`;
  return message ?? found ?? "";
}

/** Places of at most `most` of `count` things, evenly from the first to the last. */
function spread(count: number, most: number): ReadonlySet<number> {
  const shown = Math.min(count, most);
  return new Set(
    Array.from({ length: shown }, (_, i) =>
      shown === 1 ? 0 : Math.round((i * (count - 1)) / (shown - 1)),
    ),
  );
}

/** The beginning of a long text, between whole characters. */
function cut(text: string): string {
  return text.length <= LONGEST
    ? text
    : `${text.slice(0, LONGEST - 1).replace(/[\ud800-\udbff]$/u, "")}…`;
}
