/**
 * @file The end of a list that goes on: more of it, or why no more comes.
 */
import type { JSX } from "preact";
import { useWords } from "../language/words.js";
import type { Pages } from "../use-answer.js";
import { Waiting } from "./failure-note.js";

export function More<P>(props: {
  readonly list: Pages<P>;
}): JSX.Element | null {
  const { m } = useWords();
  const { more, loading, failure } = props.list;
  if (loading || failure !== null) return <Waiting failure={failure} />;
  return more === null ? null : (
    <p>
      <button type="button" onClick={more}>
        {m.more}
      </button>
    </p>
  );
}
