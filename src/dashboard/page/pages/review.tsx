/**
 * @file Review: pairs and rows one at a time. A verdict is kept by the server before the
 * next item is shown, so that none is lost.
 */
import type { ComponentChildren, JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import type {
  NewVerdict,
  ReviewItem,
  ReviewPage,
  ReviewProgress,
  ReviewSubject,
  VerdictSummary,
} from "../../api/api.js";
import { useWords } from "../language/words.js";
import { FailureNote, Waiting } from "../parts/failure-note.js";
import { PairForm, RowForm } from "../parts/review-form.js";
import { SummaryOfReview } from "../parts/review-summary.js";
import { addressOf, goTo, queryText } from "../route.js";
import { apiAddress, asPageError, type PageError, tell } from "../server.js";
import { useStoredChoice } from "../stored-choice.js";
import { useAnswer } from "../use-answer.js";

const SUBJECTS: readonly ReviewSubject[] = ["pairs", "rows"];

interface Settings {
  readonly run: string;
  readonly subject: ReviewSubject;
  readonly blind: boolean;
}

function settingsAddress({ run, subject, blind }: Settings): string {
  return addressOf(["run", run, "review"], {
    subject,
    blind: blind ? "" : "no",
  });
}

function SettingsLine(props: {
  readonly settings: Settings;
  readonly reviewer: string;
  readonly onReviewer: (name: string) => void;
}): JSX.Element {
  const { m } = useWords();
  const { settings, reviewer } = props;
  const [name, setName] = useState(reviewer);
  return (
    <>
      <nav class="tabs" aria-label={m.review.heading}>
        {SUBJECTS.map((subject) => (
          <a
            key={subject}
            href={settingsAddress({ ...settings, subject })}
            aria-current={subject === settings.subject ? "page" : undefined}
          >
            {m.review.subjects[subject]}
          </a>
        ))}
      </nav>
      <form
        class="tool-line"
        onSubmit={(event) => {
          event.preventDefault();
          props.onReviewer(name.trim());
          // Keys in a field are text; from here on they are verdicts.
          if (document.activeElement instanceof HTMLElement)
            document.activeElement.blur();
        }}
      >
        <label class="field">
          <span>{m.review.reviewer}</span>
          <input
            value={name}
            maxLength={100}
            autoComplete="off"
            onInput={(event) => {
              setName(event.currentTarget.value);
            }}
          />
        </label>
        {name.trim() === reviewer ? null : (
          <button type="submit">{m.review.start}</button>
        )}
        {settings.subject === "pairs" ? (
          <label class="check">
            <input
              type="checkbox"
              checked={settings.blind}
              onChange={() => {
                const changed = { ...settings, blind: !settings.blind };
                goTo(settingsAddress(changed), true);
              }}
            />
            {m.review.blind}
          </label>
        ) : null}
      </form>
      <p class="soft">{m.review.reviewerNote}</p>
    </>
  );
}

/** Sends a verdict, one an item: a key pressed again before the next item means nothing. */
function useVerdicts(
  run: string,
  onKept: () => void,
): {
  readonly refused: PageError | null;
  readonly send: (verdict: NewVerdict) => void;
  /** Lets the item before be sent again. */
  readonly reopen: () => void;
} {
  const [failure, setFailure] = useState<PageError | null>(null);
  const sent = useRef("");
  const send = (verdict: NewVerdict): void => {
    const item = `${verdict.subject} ${verdict.id} ${verdict.reviewer}`;
    if (sent.current === item) return;
    sent.current = item;
    setFailure(null);
    tell<ReviewProgress>(apiAddress(["runs", run, "review"]), verdict).then(
      onKept,
      (reason: unknown) => {
        sent.current = "";
        setFailure(asPageError(reason));
      },
    );
  };
  const reopen = (): void => {
    sent.current = "";
  };
  return { refused: failure, send, reopen };
}

/** The item that is shown: the next one, or once more the one before it. */
function useItem(next: ReviewItem | null) {
  const [again, setAgain] = useState<ReviewItem | null>(null);
  const before = useRef<ReviewItem | null>(null);
  const item = again ?? next;
  return {
    item,
    done: (): void => {
      before.current = item;
      setAgain(null);
    },
    goBack: (): void => {
      setAgain(before.current);
    },
  };
}

function ItemForm(props: {
  readonly settings: Settings;
  readonly reviewer: string;
  readonly item: ReviewItem;
  readonly onVerdict: (verdict: NewVerdict) => void;
  readonly onBack: () => void;
}): JSX.Element {
  const { item, reviewer, settings, onVerdict, onBack } = props;
  return item.subject === "pairs" ? (
    <PairForm
      item={item}
      onBack={onBack}
      onVerdict={(better) => {
        const { subject, id, content, swapped } = item;
        const { blind } = settings;
        onVerdict({ subject, id, content, reviewer, blind, swapped, better });
      }}
    />
  ) : (
    <RowForm
      item={item}
      onBack={onBack}
      onVerdict={(answers) => {
        const { subject, id, content } = item;
        onVerdict({ subject, id, content, reviewer, ...answers });
      }}
    />
  );
}

function Reviewing(props: {
  readonly settings: Settings;
  readonly reviewer: string;
  readonly onKept: () => void;
}): JSX.Element {
  const { m, count } = useWords();
  const { settings, reviewer } = props;
  const { run, subject, blind } = settings;
  const query = queryText({ subject, reviewer, blind: String(blind) });
  const { value, failure, again } = useAnswer<ReviewPage>(
    `${apiAddress(["runs", run, "review"])}?${query}`,
  );
  const { refused, send, reopen } = useVerdicts(run, () => {
    again();
    props.onKept();
  });
  const shown = useItem(value?.item ?? null);
  const goBack = (): void => {
    reopen();
    shown.goBack();
  };
  if (value === null) return <Waiting failure={failure} again={again} />;
  const { done, total } = value;
  const { item } = shown;
  return (
    <>
      <label class="meter">
        <progress value={done} max={Math.max(total, 1)} />
        <span role="status">
          {m.review.progress(count(done), count(total))}
        </span>
      </label>
      {refused === null ? null : <FailureNote failure={refused} />}
      {item === null ? (
        <p>{total === 0 ? m.review.nothing : m.review.allDone}</p>
      ) : (
        <ItemForm
          key={`${item.subject} ${item.id}`}
          settings={settings}
          reviewer={reviewer}
          item={item}
          onVerdict={(verdict) => {
            shown.done();
            send(verdict);
          }}
          onBack={goBack}
        />
      )}
      {done === 0 ? null : (
        <button type="button" onClick={goBack}>
          {m.review.back}
        </button>
      )}
    </>
  );
}

/** Closed at first where it tells what a blind reviewer must not know. */
function HiddenWhile(props: {
  readonly hidden: boolean;
  readonly title: string;
  readonly children: ComponentChildren;
}): JSX.Element {
  return props.hidden ? (
    <details>
      <summary>{props.title}</summary>
      {props.children}
    </details>
  ) : (
    <>{props.children}</>
  );
}

export function ReviewView(props: {
  readonly run: string;
  readonly query: URLSearchParams;
}): JSX.Element {
  const { m } = useWords();
  const { run, query } = props;
  const [stored, setReviewer] = useStoredChoice("reviewer");
  const reviewer = stored ?? "";
  const settings: Settings = {
    run,
    subject: query.get("subject") === "rows" ? "rows" : "pairs",
    blind: query.get("blind") !== "no",
  };
  const summary = useAnswer<VerdictSummary>(
    apiAddress(["runs", run, "review", "summary"]),
  );
  return (
    <>
      <h1>{m.review.heading}</h1>
      <SettingsLine
        settings={settings}
        reviewer={reviewer}
        onReviewer={setReviewer}
      />
      {reviewer === "" ? null : (
        <Reviewing
          settings={settings}
          reviewer={reviewer}
          onKept={summary.again}
        />
      )}
      {summary.value === null ? (
        <Waiting failure={summary.failure} again={summary.again} />
      ) : (
        <HiddenWhile
          hidden={settings.blind && settings.subject === "pairs"}
          title={m.review.blindSummary}
        >
          <SummaryOfReview run={run} summary={summary.value} />
        </HiddenWhile>
      )}
    </>
  );
}
