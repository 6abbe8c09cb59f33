/**
 * @file Preference pairs as the model made them: prompt, both answers, its own
 * reasons, and what the verifier says.
 */
import type { PairExampleReport, RunReport } from "./schema.js";
import { section } from "../html/figure.js";
import { decimal } from "../html/format.js";
import { html, type Content, type Markup } from "../html/markup.js";

/** Pairs shown at once; the rest is one click away. */
const SHOWN = 6;

/** All the examples the report holds; choosing them is the pipeline's part. */
export function examplesSection({ examples }: RunReport): Markup | null {
  if (examples.length === 0) return null;
  return section({
    id: "examples",
    title: "Pairs it taught itself with",
    lead: html`Scores: what the <b class="self">model</b> gave, and what the
      <b class="truth">verifier</b> gives.`,
    body: html`<div class="pairs">
        ${examples.slice(0, SHOWN).map(pairCard)}
      </div>
      ${
        examples.length > SHOWN &&
        html`<details class="more-pairs">
          <summary>${examples.length - SHOWN} more pairs</summary>
          <div class="pairs">${examples.slice(SHOWN).map(pairCard)}</div>
        </details>`
      }`,
  });
}

function pairCard(example: PairExampleReport): Markup {
  const { chosen, rejected } = example;
  const backwards =
    chosen.trueScore !== null &&
    rejected.trueScore !== null &&
    chosen.trueScore < rejected.trueScore;
  return html`<article class="card pair">
    <h3>
      <small>${example.from} → ${example.to}, prompt</small>
      ${
        backwards &&
        html`<span class="pill bad"
          ><span aria-hidden="true">⚠</span> backwards: the verifier prefers the
          other</span
        >`
      }
    </h3>
    <blockquote class="prompt">${example.prompt}</blockquote>
    <div class="sides">
      ${answer("Chosen", "✓", chosen)} ${answer("Rejected", "✗", rejected)}
    </div>
  </article>`;
}

function answer(
  name: string,
  sign: string,
  side: PairExampleReport["chosen"],
): Content {
  return html`<div class="side ${name.toLowerCase()}">
    <h4>
      <span aria-hidden="true">${sign}</span> ${name}
      <span class="chip self" title="the model’s own score, of 5"
        ><span class="hidden">own score </span
        >${decimal(side.selfScore, 1)}</span
      >
      <span
        class="chip truth"
        title="${
          side.trueScore === null
            ? "the verifier cannot score this prompt"
            : "the verifier’s score, of 5"
        }"
        ><span class="hidden">true score </span
        >${decimal(side.trueScore, 1)}</span
      >
    </h4>
    ${
      side.text === ""
        ? html`<p class="empty">(empty answer)</p>`
        : html`<pre>${side.text}</pre>`
    }
    ${
      side.rationale !== null &&
      side.rationale !== "" &&
      html`<p class="rationale">
        <b class="hidden">Rationale: </b><span>${side.rationale}</span>
      </p>`
    }
  </div>`;
}
