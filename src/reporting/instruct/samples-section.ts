/**
 * @file The data themselves: rows that were kept, and what every rule refused.
 */
import { harmless } from "../../text/harmless.js";
import { counted } from "../../text/number-words.js";
import { section } from "../html/figure.js";
import { html, type Markup } from "../html/markup.js";
import { ruleInWords } from "./rule-words.js";
import type { InstructReport } from "./schema.js";

type Samples = InstructReport["samples"];

/** Null where no row was made. */
export function rowsSection({ accepted }: Samples): Markup | null {
  if (accepted.length === 0) return null;
  return section({
    id: "rows",
    title: "Rows as they are",
    lead: `${counted(accepted.length, "row")}, evenly from the first to the last. Read them: what is wrong here is likely wrong in many others, and no figure below shows it.`,
    body: html`<div class="pairs">
      ${accepted.map(
        ({ id, instruction, input, output }) =>
          html`<article class="card pair">
            <h3><small>${id}</small></h3>
            <blockquote class="prompt">${harmless(instruction)}</blockquote>
            ${input !== "" && labelled("Input", input)}
            ${labelled("Output", output)}
          </article>`,
      )}
    </div>`,
  });
}

/** Null where nothing was refused. */
export function refusedSection({ refused }: Samples): Markup | null {
  if (refused.length === 0) return null;
  const rules = [...new Set(refused.map(({ rule }) => rule))];
  return section({
    id: "refused",
    title: "What was refused, and why",
    lead: "Up to three pieces of every rule, the first and the last among them. Worry when good ones lie here: the rule is wrong for your data, and can be switched off.",
    body: html`<div class="grid-2 top">
      ${rules.map(
        (rule) =>
          html`<article class="card">
            <h3>${rule} <small>${ruleInWords(rule)}</small></h3>
            <ul class="alike">
              ${refused.filter((piece) => piece.rule === rule).map(refusedPiece)}
            </ul>
          </article>`,
      )}
    </div>`,
  });
}

function refusedPiece({ text, why }: Samples["refused"][number]): Markup {
  const said = text.trim() === "" ? html`<em>no text</em>` : harmless(text);
  return html`<li>
    <p class="said">${said}</p>
    ${why !== "" && html`<small>${harmless(why)}</small>`}
  </li>`;
}

function labelled(name: string, text: string): Markup {
  return html`<h4>${name}</h4>
    <p class="said">${harmless(text)}</p>`;
}
