/**
 * @file What all verdicts so far say of the judge and of the data, and the files made of them.
 */
import type { JSX } from "preact";
import type { ReviewFile, VerdictSummary } from "../../api/api.js";
import { useWords } from "../language/words.js";
import { apiAddress } from "../server.js";
import { IntervalTable } from "./interval-table.js";

const FILES: readonly ReviewFile[] = [
  "pairs.jsonl",
  "eft.jsonl",
  "verdicts.jsonl",
];
const SHARES = ["instruction", "input", "output", "all"] as const;

interface SummaryProps {
  readonly summary: VerdictSummary;
}

function Agreement({ summary }: SummaryProps): JSX.Element {
  const { m, count } = useWords();
  const { agreement, betweenReviewers, pairs } = summary;
  return (
    <section class="card">
      {agreement === null ? (
        <p class="soft">{m.review.noAgreement}</p>
      ) : (
        <IntervalTable
          caption={m.review.agreement}
          rows={[
            {
              name: m.review.bothDecided(count(pairs.agree + pairs.disagree)),
              label: "",
              figure: agreement,
              tone: "judge",
            },
          ]}
          measure="share"
        />
      )}
      {betweenReviewers === null ? null : (
        <IntervalTable
          caption={m.review.between}
          rows={[
            {
              name: m.review.bothDecided(count(betweenReviewers.pairs)),
              label: "",
              figure: betweenReviewers.agreement,
              tone: "plain",
            },
          ]}
          measure="share"
        />
      )}
      <p class="soft">
        {m.review.counts(
          count(pairs.agree),
          count(pairs.disagree),
          count(pairs.equal),
        )}
      </p>
      {summary.without === 0 ? null : (
        <p class="soft">{m.review.without(count(summary.without))}</p>
      )}
    </section>
  );
}

function Quality({ summary }: SummaryProps): JSX.Element | null {
  const { m, count } = useWords();
  const { quality } = summary;
  if (quality === null) return null;
  return (
    <section class="card">
      <IntervalTable
        caption={m.review.quality}
        rows={SHARES.map((key) => ({
          name: m.review.shares[key],
          label: "",
          figure: quality[key],
          tone: "plain",
        }))}
        measure="share"
      />
      <p class="soft">{m.review.qualityRows(count(quality.rows))}</p>
    </section>
  );
}

export function SummaryOfReview(
  props: SummaryProps & { readonly run: string },
): JSX.Element {
  const { m, count } = useWords();
  const { run, summary } = props;
  return (
    <section>
      <h2>{m.review.summary}</h2>
      <div class="cards">
        <Agreement summary={summary} />
        <Quality summary={summary} />
        <section class="card">
          <h3>{m.review.reviewers}</h3>
          <ul>
            {summary.reviewers.map(({ reviewer, verdicts }) => (
              <li key={reviewer}>
                {reviewer} <small>{m.review.verdicts(count(verdicts))}</small>
              </li>
            ))}
          </ul>
          <h3>{m.review.downloads}</h3>
          <ul>
            {FILES.map((file) => (
              <li key={file}>
                <a
                  href={apiAddress(["runs", run, "review", "export", file])}
                  download={file}
                >
                  {file}
                </a>{" "}
                <small>{m.review.files[file]}</small>
              </li>
            ))}
          </ul>
        </section>
      </div>
    </section>
  );
}
