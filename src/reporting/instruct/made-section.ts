/**
 * @file What made the data and what it took, for whoever wants to make them again.
 */
import { formatMoney, roundedMoney } from "../../text/money.js";
import { count, counted, fixed } from "../../text/number-words.js";
import { dataTable, section } from "../html/figure.js";
import { UNKNOWN } from "../html/format.js";
import { html, type Markup } from "../html/markup.js";
import { effortTable } from "../schema/effort-table.js";
import { stageEfforts } from "../schema/stage-effort.js";
import type { InstructReport } from "./schema.js";

/** Model, prompts and settings. */
export function madeSection(report: InstructReport): Markup {
  const { settings, model, prompts, versions } = report;
  const { examples, withoutRules, seeds } = settings;
  return section({
    id: "made",
    title: "What made it",
    lead: "The same settings and seed over the same recorded answers give the same data, byte for byte.",
    body: html`<div class="card facts">
      ${dataTable("What made it", {
        head: ["what", "value"],
        rows: [
          ["model", model],
          ["prompts", `${prompts}, ${settings.style}`],
          ["seed tasks", seeds ?? "the bundled ones"],
          [
            "shown in a prompt",
            `${examples.seed} seed tasks, ${examples.machine} of the model’s own`,
          ],
          ["asked for in a request", settings.newInstructions],
          ["refused above ROUGE-L", fixed(settings.novelty)],
          [
            "rules switched off",
            withoutRules.length === 0 ? "none" : withoutRules.join(", "),
          ],
          ["most instances of one instruction", settings.maxInstances],
          [
            "versions",
            `Autodidact ${versions.autodidact}, Node ${versions.node}`,
          ],
        ],
      })}
    </div>`,
  });
}

/** Tokens, time and rate: what making it again will take. */
export function effortSection({
  spent,
  usage,
  timings,
  waterfall,
}: InstructReport): Markup {
  const { calls, tokensIn, tokensOut, cost } = spent;
  const seconds = (timings?.stages ?? []).reduce(
    (sum, stage) => sum + stage.seconds,
    0,
  );
  const rate = seconds === 0 ? null : tokensOut / seconds;
  return section({
    id: "effort",
    title: "What it took",
    lead: `${counted(calls, "answer")} with ${counted(tokensOut, "token")}, for ${counted(tokensIn, "token")} of prompts${cost > 0 ? ` and ${formatMoney(roundedMoney(cost))}` : ""}${rate === null ? "" : `: ${count(rate)} tokens a second`}.`,
    body:
      timings !== null &&
      html`<div class="card">
        ${effortTable(stageEfforts(usage, timings.stages), [
          {
            head: "kept a minute",
            of: ({ stage, seconds }) => {
              const kept = waterfall.find((each) => each.stage === stage);
              return kept === undefined || seconds === null || seconds === 0
                ? UNKNOWN
                : count((60 * kept.accepted) / seconds);
            },
          },
        ])}
      </div>`,
  });
}
