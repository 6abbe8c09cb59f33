/**
 * @file Text of models, people and files: text, never markup, with its own line breaks.
 * Of a very long one the beginning is shown until more is asked for.
 */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { useWords } from "../language/words.js";

/** Characters that are shown at first, and added each time. */
const PORTION = 20_000;

export function LongText(props: {
  readonly text: string;
  /** Code is set in a fixed width. */
  readonly code?: boolean;
}): JSX.Element {
  const { m } = useWords();
  const { text, code = false } = props;
  const [shown, setShown] = useState(PORTION);
  return (
    <div class={code ? "text code" : "text"} dir="auto">
      {text.slice(0, shown)}
      {text.length <= shown ? null : (
        <button
          type="button"
          class="quiet"
          onClick={() => {
            setShown(shown + PORTION);
          }}
        >
          … {m.more}
        </button>
      )}
    </div>
  );
}
