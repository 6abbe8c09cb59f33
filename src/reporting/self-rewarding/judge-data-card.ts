/**
 * @file Judge data made in the run: from answers of known order to the rows M1 learnt to
 * judge from.
 */
import { count } from "../../text/number-words.js";
import { html, type Markup } from "../html/markup.js";
import type { JudgeDataReport } from "./schema.js";
import { station } from "./section-rounds.js";

const ORDERED: Readonly<Record<JudgeDataReport["source"], string>> = {
  verifier: "right against wrong, by the verifier",
  rankings: "ranked by people",
};

export function judgeDataCard(made: JudgeDataReport): Markup {
  const { rankings, agreeing, unread, rows, kept } = made;
  const scores = Object.entries(made.scores)
    .map(([score, amount]) => `${count(amount)} × ${score}`)
    .join(", ");
  return html`<article class="card round">
    <h3>What M1 learnt to judge from <small>${ORDERED[made.source]}</small></h3>
    <ol class="funnel">
      ${station(["prompt", "prompts"], made.prompts, "")}
      ${station(["answer", "answers"], made.answers, "")}
      ${station(
        ["ranking", "rankings"],
        rankings,
        "prompts with a better and a worse answer",
      )}
      ${station(
        ["judgement", "judgements"],
        made.judgements,
        `${count(made.malformed)} malformed`,
      )}
      ${station(
        ["judged as ranked", "judged as ranked"],
        agreeing,
        `${count(rankings - agreeing - unread)} otherwise, ${count(unread)} unread`,
      )}
      ${station(
        ["row kept", "rows kept"],
        kept,
        `${count(rows - kept)} of the commonest score left out${scores === "" ? "" : `; scores: ${scores}`}`,
      )}
    </ol>
  </article>`;
}
