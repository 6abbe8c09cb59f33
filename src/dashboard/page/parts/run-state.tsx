/**
 * @file In what state a run is, in a word and a colour.
 */
import type { JSX } from "preact";
import type { RunState } from "../../api/api.js";
import { useWords } from "../language/words.js";

export function RunStatePill(props: { readonly state: RunState }): JSX.Element {
  const { m } = useWords();
  return (
    <span class={`pill state-${props.state}`}>
      {m.words.states[props.state]}
    </span>
  );
}

/** How many stages are done, drawn and written. */
export function StageMeter(props: {
  readonly done: number;
  readonly planned: number | null;
}): JSX.Element {
  const { m, count } = useWords();
  const { done, planned } = props;
  return planned === null ? (
    <span>{m.runs.stagesDone(count(done))}</span>
  ) : (
    <label class="meter">
      <progress value={done} max={Math.max(planned, 1)} />
      <small>{m.runs.ofStages(count(done), count(planned))}</small>
    </label>
  );
}
