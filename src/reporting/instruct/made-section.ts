/**
 * @file What made the data: model, prompts and settings, for whoever wants to make
 * them again.
 */
import { fixed } from "../../text/number-words.js";
import { dataTable, section } from "../html/figure.js";
import { html, type Markup } from "../html/markup.js";
import type { InstructReport } from "./schema.js";

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
