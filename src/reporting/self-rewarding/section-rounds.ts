/**
 * @file What happened inside the rounds: from prompts to pairs, and the scores given.
 */
import { count, counted, fixed } from "../../text/number-words.js";
import { section } from "../html/figure.js";
import { duration, percentCell } from "../html/format.js";
import { html, type Content, type Markup } from "../html/markup.js";
import { stackedBar } from "../html/stacked-bar.js";
import type { RoundReport, RunReport } from "./schema.js";

/** The way from prompts to pairs, a strip a round. */
export function roundsSection(report: RunReport): Markup | null {
  if (report.rounds.length === 0) return null;
  return section({
    id: "rounds",
    title: "From prompts to pairs",
    lead: "What each round wrote, threw away and kept. Every count is a row in the run’s ledger, with its reason.",
    body: report.rounds.map(roundCard),
  });
}

function roundCard(round: RoundReport): Markup {
  const refused = reasons(round.rejections);
  const lost = reasons({
    ...(round.ties > 0 ? { "best and worst tie": round.ties } : {}),
    ...round.dropped,
  });
  return html`<article class="card round">
    <h3>
      ${round.from} → ${round.to}
      <small
        >reward: ${round.reward}, training:
        ${round.method}${
          round.seconds !== null && html`, ${duration(round.seconds)}`
        }</small
      >
    </h3>
    <ol class="funnel">
      ${
        round.promptsWritten !== null &&
        station(["written", "written"], round.promptsWritten, refused)
      }
      ${station(["prompt", "prompts"], round.prompts, "")}
      ${station(
        ["candidate", "candidates"],
        round.candidates,
        round.merged > 0 ? `${count(round.merged)} identical, merged` : "",
      )}
      ${station(
        ["judgement", "judgements"],
        round.judgements,
        `${count(round.malformed)} malformed (${percentCell(round.judgements === 0 ? null : round.malformed / round.judgements)})${round.constrained === undefined ? "" : `, ${count(round.constrained)} read on a second try`}`,
      )}
      ${station(["pair", "pairs"], round.pairs, lost)}
    </ol>
    <div class="round-foot">
      ${round.pairTruth !== null && pairTruthBar(round.pairTruth)}
      ${round.scoreHistogram !== null && histogram(round.from, round.scoreHistogram)}
    </div>
  </article>`;
}

/**
 * A step of a way from many to few.
 * @param names for one and for several
 */
export function station(
  [one, many]: readonly [string, string],
  amount: number,
  note: string,
): Content {
  return html`<li>
    <b>${count(amount)}</b> <span>${amount === 1 ? one : many}</span>
    ${note !== "" && html`<small>${note}</small>`}
  </li>`;
}

function reasons(counts: Readonly<Record<string, number>>): string {
  const named = Object.entries(counts)
    .filter(([, amount]) => amount > 0)
    .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .map(
      ([reason, amount]) => `${count(amount)} ${reason.replaceAll("-", " ")}`,
    );
  return named.length === 0 ? "" : `dropped: ${named.join(", ")}`;
}

function pairTruthBar(truth: NonNullable<RoundReport["pairTruth"]>): Content {
  if (truth.right + truth.tied + truth.wrong === 0) return null;
  return html`<div class="mini">
    <h4>The pairs, by the verifier <small>(never used to train)</small></h4>
    ${stackedBar([
      { name: "right way round", tone: "win", amount: truth.right },
      { name: "equally good", tone: "tie", amount: truth.tied },
      { name: "backwards", tone: "lose", amount: truth.wrong },
    ])}
  </div>`;
}

function histogram(judge: string, counts: readonly number[]): Content {
  const largest = Math.max(1, ...counts);
  return html`<div class="mini">
    <h4>Scores ${judge} gave</h4>
    <ol class="histogram" start="0">
      ${counts.map(
        (amount, score) =>
          html`<li title="score ${score}: ${count(amount)}">
            <i style="height:${fixed((amount / largest) * 100, 1)}%"></i
            ><span>${score}</span
            ><span class="hidden">: ${counted(amount, "candidate")}</span>
          </li>`,
      )}
    </ol>
  </div>`;
}
