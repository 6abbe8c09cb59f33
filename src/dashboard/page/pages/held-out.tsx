/**
 * @file Held-out prompts: where one model is right and another wrong, and what each of all
 * models answered.
 */
import type { JSX } from "preact";
import type { HeldOutPage, PromptWithAnswers } from "../../api/api.js";
import { useWords } from "../language/words.js";
import { AnswerCard } from "../parts/answer-card.js";
import { Waiting } from "../parts/failure-note.js";
import { LongText } from "../parts/long-text.js";
import { More } from "../parts/more.js";
import { SearchField } from "../parts/table-tools.js";
import { addressOf, goTo, queryText } from "../route.js";
import { apiAddress } from "../server.js";
import { useAnswer, usePages } from "../use-answer.js";

const KINDS = ["lost", "gained", "both", "neither", "all"] as const;
type Kind = (typeof KINDS)[number];

interface Choice {
  readonly left: string;
  readonly right: string;
  readonly show: Kind;
  readonly search: string;
}

function addressFor(run: string, choice: Choice): string {
  return addressOf(["run", run, "held-out"], { ...choice });
}

function ModelChoice(props: {
  readonly label: string;
  readonly models: readonly string[];
  readonly value: string;
  readonly onChoose: (model: string) => void;
}): JSX.Element {
  return (
    <label class="field">
      <span>{props.label}</span>
      <select
        value={props.value}
        onChange={(event) => {
          props.onChoose(event.currentTarget.value);
        }}
      >
        {props.models.map((model) => (
          <option key={model} value={model}>
            {model}
          </option>
        ))}
      </select>
    </label>
  );
}

function KindMenu(props: {
  readonly run: string;
  readonly choice: Choice;
  readonly counts: HeldOutPage["counts"];
}): JSX.Element {
  const { m, count } = useWords();
  const { run, choice, counts } = props;
  return (
    <nav class="tabs" aria-label={m.heldOut.show}>
      {KINDS.map((show) => (
        <a
          key={show}
          href={addressFor(run, { ...choice, show })}
          aria-current={show === choice.show ? "page" : undefined}
        >
          {m.heldOut.kinds[show](choice.left, choice.right)}{" "}
          {show === "all" ? null : <small>{count(counts[show])}</small>}
        </a>
      ))}
    </nav>
  );
}

/** The two that are compared come first. */
function inOrder(
  answers: PromptWithAnswers["answers"],
  { left, right }: Choice,
): PromptWithAnswers["answers"] {
  const rank = (model: string): number =>
    model === left ? 0 : model === right ? 1 : 2;
  return [...answers].sort((a, b) => rank(a.model) - rank(b.model));
}

function PromptView(props: {
  readonly prompt: PromptWithAnswers;
  readonly choice: Choice;
}): JSX.Element {
  const { m, count } = useWords();
  const { prompt, choice } = props;
  return (
    <article class="card prompt">
      <h3>{m.heldOut.prompt(count(prompt.index + 1))}</h3>
      <LongText text={prompt.prompt} />
      {prompt.expected === null ? null : (
        <p class="expected">
          <b>{m.heldOut.expected}:</b> {prompt.expected}
        </p>
      )}
      <div class="answers">
        {inOrder(prompt.answers, choice).map((answer) => (
          <AnswerCard
            key={answer.model}
            title={answer.model}
            text={answer.text}
            correct={answer.correct}
            score={answer.score}
            selfReward={answer.selfReward}
          />
        ))}
      </div>
    </article>
  );
}

function Prompts(props: {
  readonly run: string;
  readonly models: readonly string[];
  readonly choice: Choice;
}): JSX.Element {
  const { m } = useWords();
  const { run, models, choice } = props;
  const list = usePages<HeldOutPage>(
    `${apiAddress(["runs", run, "held-out"])}?${queryText({ ...choice })}`,
  );
  const [page] = list.pages;
  const change = (part: Partial<Choice>, quietly = false): void => {
    goTo(addressFor(run, { ...choice, ...part }), quietly);
  };
  const prompts = list.pages.flatMap((each) => each.prompts);
  return (
    <>
      <div class="tool-line">
        <ModelChoice
          label={m.heldOut.left}
          models={models}
          value={choice.left}
          onChoose={(left) => {
            change({ left });
          }}
        />
        <ModelChoice
          label={m.heldOut.right}
          models={models}
          value={choice.right}
          onChoose={(right) => {
            change({ right });
          }}
        />
        <SearchField
          label={m.heldOut.search}
          value={choice.search}
          onSearch={(search) => {
            change({ search }, true);
          }}
        />
      </div>
      {page === undefined ? null : (
        <KindMenu run={run} choice={choice} counts={page.counts} />
      )}
      {page !== undefined && prompts.length === 0 ? (
        <p class="soft">{m.heldOut.none}</p>
      ) : null}
      {prompts.map((prompt) => (
        <PromptView key={prompt.index} prompt={prompt} choice={choice} />
      ))}
      <More list={list} />
    </>
  );
}

function choiceOf(
  query: URLSearchParams,
  models: readonly string[],
): Choice | null {
  const last = models.at(-1);
  const first = models.length > 2 ? models[1] : models[0];
  if (last === undefined || first === undefined) return null;
  const show = query.get("show");
  return {
    left: query.get("left") ?? first,
    right: query.get("right") ?? last,
    show: KINDS.find((kind) => kind === show) ?? "lost",
    search: query.get("search") ?? "",
  };
}

export function HeldOutView(props: {
  readonly run: string;
  readonly query: URLSearchParams;
}): JSX.Element {
  const { m } = useWords();
  const { run, query } = props;
  // Which models there are is part of any page; the server chooses two itself.
  const { value, failure, again } = useAnswer<HeldOutPage>(
    `${apiAddress(["runs", run, "held-out"])}?left=&right=`,
  );
  if (value === null) return <Waiting failure={failure} again={again} />;
  const choice = choiceOf(query, value.models);
  return (
    <>
      <h1>{m.heldOut.heading}</h1>
      {choice === null ? (
        <p class="soft">{m.heldOut.noModels}</p>
      ) : (
        <Prompts run={run} models={value.models} choice={choice} />
      )}
    </>
  );
}
