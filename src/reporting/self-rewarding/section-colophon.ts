/**
 * @file The end of the page: what the gain is and is not, and how to have it again.
 */
import { stringify } from "yaml";
import { count } from "../../text/number-words.js";
import { effortTable } from "../schema/effort-table.js";
import { stageEfforts } from "../schema/stage-effort.js";
import type { RunReport } from "./schema.js";
import { dataTable, section } from "../html/figure.js";
import { duration } from "../html/format.js";
import { html, type Content, type Markup } from "../html/markup.js";

/** What may and may not be concluded from this page. */
export function meaningSection(report: RunReport): Markup {
  return section({
    id: "meaning",
    title: "What this is, and what it is not",
    lead: "",
    body: html`<div class="grid-2 prose">
      <div class="card">
        <h3>What it is</h3>
        <ul>
          ${whatItIs(report).map((line) => html`<li>${line}</li>`)}
        </ul>
      </div>
      <div class="card">
        <h3>What it is not</h3>
        <ul>
          ${whatItIsNot(report).map((line) => html`<li>${line}</li>`)}
        </ul>
      </div>
    </div>`,
  });
}

function whatItIs({ world, rounds }: RunReport): string[] {
  const rewards = new Set(rounds.map(({ reward }) => reward));
  return [
    ...(world === "nursery"
      ? [
          "A scale model. The nursery is a small world whose answers a program can check, so the truth on this page is measured, not estimated.",
          "Recovery, where it gains. The seed tasks were written with mixed quality, as crowds write, and M1 learned to imitate them. The rounds can bring back what the base model knows and the seeds hid.",
        ]
      : []),
    ...(rewards.has("verifier")
      ? [
          "A control: at least one round here was rewarded by the verifier, which is the upper bound a self-rewarding run is compared with.",
        ]
      : rewards.has("random")
        ? [
            "A control: at least one round here was rewarded at random, which shows what training alone does.",
          ]
        : [
            "Measured from outside: the verifier scores the answers after training and never rewards them.",
          ]),
    "Intervals are 95\u202F% bootstrap intervals over the held-out prompts. They do not cover another seed; the arms, where there are any, do.",
  ];
}

function whatItIsNot({ world }: RunReport): string[] {
  return [
    ...(world === "nursery"
      ? [
          "New ability. A family of tasks the base model cannot do at all stays out of reach, and only adds noise to the rounds.",
          "A promise for large models. The code is the same, the world is not.",
        ]
      : []),
    world === "nursery"
      ? "Free of labels. The judge learned to judge from examples that the verifier labelled, in the place of human annotators; the rounds add none, but they live on those."
      : "Free of labels. The judge learned to judge from labelled examples (EFT); the rounds add none, but they live on those.",
    "Self-reward as progress. A model that rates itself higher has shown nothing; only the truth line counts.",
  ];
}

/** Recipe, versions, times. */
export function colophonSection(report: RunReport): Markup {
  const { timings } = report;
  return section({
    id: "recipe",
    title: "How to have it again",
    lead: html`Seed ${report.seed}. On the embedded engine the same recipe and
    seed give the same models and the same numbers, times
    aside${timings?.seconds != null && html`; this run took ${duration(timings.seconds)}`}.`,
    body: html`<div class="grid-2 top">
        <div class="card">
          <h3>Recipe, every key resolved</h3>
          <pre class="recipe" tabindex="0">${stringify(report.recipe)}</pre>
        </div>
        <div class="card">
          <h3>Models, versions, machine</h3>
          ${dataTable("Models", {
            head: ["model", "folder", "parameters", "weights"],
            rows: report.models.map((model) => [
              model.id,
              html`<code>${model.path}</code>`,
              model.parameters === null ? "–" : count(model.parameters),
              html`<code>${model.weightHash?.slice(0, 12) ?? "–"}</code>`,
            ]),
          })}
          ${dataTable("Versions", {
            head: ["part", "version"],
            rows: Object.entries(report.versions),
          })}
          ${timings !== null && machineTable(timings)}
        </div>
      </div>
      ${
        timings !== null &&
        html`<div class="card">
          <h3>Time and tokens by stage</h3>
          ${effortTable(stageEfforts(report.usage, timings.stages))}
        </div>`
      }`,
  });
}

function machineTable(timings: NonNullable<RunReport["timings"]>): Content {
  return dataTable("The machine", {
    head: ["what", "value"],
    rows: [
      ...(timings.peakMemoryBytes === null
        ? []
        : [["peak memory", `${count(timings.peakMemoryBytes / 2 ** 20)} MiB`]]),
      ...(timings.machine === null ? [] : [["machine", timings.machine]]),
    ],
  });
}
