/**
 * @file What is shown instead of an answer: that it is on its way, or why it does not come.
 */
import type { JSX } from "preact";
import { useWords } from "../language/words.js";
import type { PageError } from "../server.js";

/** A sentence with what to do. A lost server is told by the frame of the page. */
export function FailureNote(props: {
  readonly failure: PageError;
  readonly again?: () => void;
}): JSX.Element {
  const { m } = useWords();
  const { failure, again } = props;
  const sentence =
    failure.code === "FORBIDDEN"
      ? m.noAccess
      : failure.code === "UNREACHABLE"
        ? m.lost
        : failure.code === "UNREADABLE"
          ? m.unreadable(String(failure.status || failure.message))
          : failure.message;
  return (
    <div class="failure" role="alert">
      <p>{sentence}</p>
      {again === undefined ? null : (
        <button type="button" onClick={again}>
          {m.tryAgain}
        </button>
      )}
    </div>
  );
}

export function Waiting(props: {
  readonly failure: PageError | null;
  readonly again?: () => void;
}): JSX.Element {
  const { m } = useWords();
  if (props.failure !== null) {
    return props.again === undefined ? (
      <FailureNote failure={props.failure} />
    ) : (
      <FailureNote failure={props.failure} again={props.again} />
    );
  }
  return (
    <p class="soft" role="status">
      {m.loading}
    </p>
  );
}
