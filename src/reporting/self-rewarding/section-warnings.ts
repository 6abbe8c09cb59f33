/**
 * @file Warnings, each with a sign and its name in words: colour only repeats them.
 */
import type { WarningCode } from "../../evaluation/warnings.js";
import type { RunReport } from "./schema.js";
import { section } from "../html/figure.js";
import { unbroken } from "../html/format.js";
import { html, type Content, type Markup } from "../html/markup.js";

const NAMES: Readonly<Record<WarningCode, string>> = {
  "reward-hacking": "Reward up, truth down",
  "judge-decay": "The judge is wearing out",
  "score-collapse": "One score for everything",
  "pairs-dried-up": "Too few pairs",
  "malformed-judgements": "Unreadable judgements",
  "length-runaway": "Answers run long",
  "diversity-collapse": "Prompts repeat",
};

/** Warnings, the gate and the stop rule; what was watched for when all is quiet. */
export function warningsSection(report: RunReport): Markup {
  const notices = [
    ...(report.gate !== null && !report.gate.passed
      ? [notice("■", "The gate", "", report.gate.sentence)]
      : []),
    ...report.warnings.map(({ code, where, sentence }) =>
      notice("⚠", NAMES[code], where, sentence),
    ),
    ...(report.stop?.reasons ?? []).map(({ where, sentence }) =>
      notice("■", "Stop rule", where, sentence),
    ),
  ];
  if (notices.length === 0) {
    return html`<section id="warnings" class="calm" aria-label="Warnings">
      <p>
        <b><span aria-hidden="true">✓</span> No warnings.</b> Watched for and
        not seen: ${Object.values(NAMES).map(lowerFirst).join("; ")}.
      </p>
    </section>`;
  }
  return section({
    id: "warnings",
    title: "Warnings",
    lead: "",
    body: html`<ul class="notices">
      ${notices}
    </ul>`,
  });
}

function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}

function notice(
  sign: string,
  name: string,
  where: string,
  sentence: string,
): Content {
  return html`<li>
    <span class="sign" aria-hidden="true">${sign}</span>
    <div>
      <h3>${name} ${where !== "" && html`<small>${where}</small>`}</h3>
      <p>${unbroken(sentence)}</p>
    </div>
  </li>`;
}
