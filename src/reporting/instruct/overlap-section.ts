/**
 * @file What resembles something else: instructions each other, rows an evaluation
 * set.
 */
import { count, counted, fixed, percent } from "../../text/number-words.js";
import type {
  Contamination,
  InstructionDataReport,
} from "../../instruct/data-report/report-schema.js";
import { section } from "../html/figure.js";
import { html, type Markup } from "../html/markup.js";

/** Null where no two instructions that passed resemble each other. */
export function duplicateSection({
  nearDuplicates,
  counts,
}: InstructionDataReport): Markup | null {
  const { clusters, instructionsInClusters, threshold, largest } =
    nearDuplicates;
  if (clusters === 0) return null;
  const [first, ...more] = largest;
  const share = percent(instructionsInClusters / counts.instructions);
  return section({
    id: "duplicates",
    title: "Near-duplicates that passed",
    lead: `${count(instructionsInClusters)} instructions (${share}) lie in ${counted(clusters, "group")} of which the members are more alike than ROUGE-L ${fixed(threshold)}. Read the largest: where the members ask for the same thing, a lower --novelty with --replay removes them at no cost.`,
    body: html`<div class="card">
      ${first !== undefined && cluster(first)}
      ${
        more.length > 0 &&
        html`<details class="numbers">
          <summary>${count(more.length)} more</summary>
          ${more.map(cluster)}
        </details>`
      }
    </div>`,
  });
}

/** The first lines of a group; one of thousands says no more than of ten. */
const SHOWN = 10;

function cluster({
  instructions,
}: InstructionDataReport["nearDuplicates"]["largest"][number]): Markup {
  const rest = instructions.length - SHOWN;
  return html`<h3>${count(instructions.length)} alike</h3>
    <ul class="alike">
      ${instructions
        .slice(0, SHOWN)
        .map((instruction) => html`<li>${instruction}</li>`)}
      ${rest > 0 && html`<li>and ${count(rest)} more</li>`}
    </ul>`;
}

/** Null where no evaluation set was given. */
export function overlapSection({
  contamination,
}: InstructionDataReport): Markup | null {
  if (contamination === undefined) return null;
  const { findings, evaluationPrompts } = contamination;
  return section({
    id: "overlap",
    title: "Overlap with the evaluation set",
    lead:
      findings.length === 0
        ? `No row resembles one of its ${count(evaluationPrompts)} prompts.`
        : `${counted(findings.length, "row resembles", "rows resemble")} one of its ${count(evaluationPrompts)} prompts. Remove them before you train: a model that has read the test passes it.`,
    body:
      findings.length === 0
        ? null
        : html`<div class="card">
            <ul class="alike">
              ${findings.slice(0, SHOWN_FINDINGS).map(
                ({ taskId, kind, prompt, evaluationPrompt }) =>
                  html`<li>
                    <b>${taskId}</b>, ${KINDS[kind]}:
                    <p class="prompt">${prompt}</p>
                    ${
                      kind !== "equal" &&
                      html`in the evaluation set:
                        <p class="prompt">${evaluationPrompt}</p>`
                    }
                  </li>`,
              )}
            </ul>
            ${
              findings.length > SHOWN_FINDINGS &&
              html`<p>
                ${count(findings.length - SHOWN_FINDINGS)} more are in
                report.json.
              </p>`
            }
          </div>`,
  });
}

const SHOWN_FINDINGS = 20;

const KINDS: Readonly<Record<Contamination["kind"], string>> = {
  equal: "the same prompt",
  "shared-run": "a long run of words in common",
  similar: "a similar prompt",
};
