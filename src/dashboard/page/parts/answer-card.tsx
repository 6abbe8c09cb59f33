/**
 * @file What one model answered to a held-out prompt, what the verifier says of it, and
 * what the model's own judge says.
 */
import type { JSX } from "preact";
import { useWords } from "../language/words.js";
import { LongText } from "./long-text.js";

export function AnswerCard(props: {
  readonly title: string;
  readonly text: string;
  readonly correct: boolean | null;
  readonly score: number | null;
  /** Undefined where it is not asked for. */
  readonly selfReward?: number | null;
}): JSX.Element {
  const { m, number } = useWords();
  const { correct, score, selfReward = null } = props;
  const verdict =
    correct === null
      ? m.heldOut.unchecked
      : correct
        ? m.heldOut.correct
        : m.heldOut.wrong;
  const tone = correct === null ? "" : correct ? "good" : "bad";
  return (
    <section class="answer">
      <h4>
        {props.title} <span class={`verdict ${tone}`}>{verdict}</span>
      </h4>
      <LongText text={props.text} />
      <p class="soft">
        {score === null ? null : `${m.heldOut.score} ${number(score)}`}
        {score === null || selfReward === null ? null : " · "}
        {selfReward === null
          ? null
          : `${m.heldOut.selfReward} ${number(selfReward)}`}
      </p>
    </section>
  );
}
