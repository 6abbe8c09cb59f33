/**
 * @file One item of a review: a pair of answers of which one is better, or a row with the
 * three questions of Self-Instruct's quality table. Keys do what the buttons do.
 */
import type { JSX } from "preact";
import { useLayoutEffect, useState } from "preact/hooks";
import type { ReviewItem } from "../../api/api.js";
import { useWords } from "../language/words.js";
import { LongText } from "./long-text.js";

type PairItem = Extract<ReviewItem, { subject: "pairs" }>;
type RowItem = Extract<ReviewItem, { subject: "rows" }>;

export type Better = "left" | "right" | "equal";

const SIDES = ["left", "equal", "right"] as const;

const KEYS: Readonly<Record<string, Better>> = {
  ArrowLeft: "left",
  ArrowRight: "right",
  ArrowDown: "equal",
};

/** Calls back for keys that are pressed anywhere but in a field. */
function useKeys(onKey: (key: string) => boolean): void {
  // As soon as an item is shown: a key pressed at once is meant for it.
  useLayoutEffect(() => {
    const listen = (event: KeyboardEvent): void => {
      const inField =
        event.target instanceof Element &&
        event.target.closest("input:not([type=checkbox]), select, textarea") !==
          null;
      if (inField || event.ctrlKey || event.metaKey || event.altKey) return;
      if (!event.repeat && onKey(event.key)) event.preventDefault();
    };
    addEventListener("keydown", listen);
    return () => {
      removeEventListener("keydown", listen);
    };
  }, [onKey]);
}

export function PairForm(props: {
  readonly item: PairItem;
  readonly onVerdict: (better: Better) => void;
  readonly onBack: () => void;
}): JSX.Element {
  const { m } = useWords();
  const { item, onVerdict, onBack } = props;
  useKeys((key) => {
    if (key === "Backspace") {
      onBack();
      return true;
    }
    const better = KEYS[key];
    if (better === undefined) return false;
    onVerdict(better);
    return true;
  });
  return (
    <>
      <section class="card">
        <h3>{m.review.prompt}</h3>
        <LongText text={item.prompt} />
      </section>
      <div class="pair">
        {item.answers.map((text, index) => {
          const side = index === 0 ? "left" : "right";
          return (
            <section key={side} class="card">
              <h3>
                {m.review[side]}{" "}
                {item.chosen === side ? (
                  <small class="pill">{m.review.judgeChose}</small>
                ) : null}
              </h3>
              <LongText text={text} />
            </section>
          );
        })}
      </div>
      <div class="verdicts">
        {SIDES.map((better) => (
          <button
            key={better}
            type="button"
            class="big"
            onClick={() => {
              onVerdict(better);
            }}
          >
            {m.review.better[better]}
          </button>
        ))}
      </div>
      <p class="soft">{m.review.keysPairs}</p>
    </>
  );
}

const QUESTIONS = ["instruction", "input", "output"] as const;
export type RowAnswers = Readonly<Record<(typeof QUESTIONS)[number], boolean>>;

function QuestionLine(props: {
  readonly question: (typeof QUESTIONS)[number];
  readonly text: string;
  readonly answer: boolean | undefined;
  readonly isNext: boolean;
  readonly onAnswer: (answer: boolean) => void;
}): JSX.Element {
  const { m } = useWords();
  const { question, text, answer, isNext, onAnswer } = props;
  return (
    <section class={isNext ? "card question next" : "card question"}>
      <h3>{m.review[question]}</h3>
      <LongText text={text === "" ? m.review.noInput : text} />
      <fieldset disabled={!isNext}>
        <legend>{m.review.questions[question]}</legend>
        {[true, false].map((each) => (
          <button
            key={String(each)}
            type="button"
            aria-pressed={answer === each}
            onClick={() => {
              onAnswer(each);
            }}
          >
            {each ? m.yes : m.no}
          </button>
        ))}
      </fieldset>
    </section>
  );
}

export function RowForm(props: {
  readonly item: RowItem;
  readonly onVerdict: (answers: RowAnswers) => void;
  readonly onBack: () => void;
}): JSX.Element {
  const { m } = useWords();
  const { item, onVerdict, onBack } = props;
  const [given, setGiven] = useState<readonly boolean[]>([]);
  const answer = (value: boolean): void => {
    const [instruction, input, output] = [...given, value];
    setGiven([...given, value]);
    if (
      instruction !== undefined &&
      input !== undefined &&
      output !== undefined
    ) {
      setGiven([]);
      onVerdict({ instruction, input, output });
    }
  };
  useKeys((key) => {
    if (key === "y" || key === "n") answer(key === "y");
    else if (key === "Backspace" && given.length === 0) onBack();
    else if (key === "Backspace") setGiven(given.slice(0, -1));
    else return false;
    return true;
  });
  return (
    <>
      {QUESTIONS.map((question, index) => (
        <QuestionLine
          key={question}
          question={question}
          text={item[question]}
          answer={given[index]}
          isNext={index === given.length}
          onAnswer={answer}
        />
      ))}
      <p class="soft">{m.review.keysRows}</p>
    </>
  );
}
