/**
 * @file The stages of a run with what each asked for, took, rejected, spent.
 */
import type { JSX } from "preact";
import type { StageView } from "../../api/api.js";
import { useWords } from "../language/words.js";

function StageLine({ stage }: { readonly stage: StageView }): JSX.Element {
  const { m, count, duration, money } = useWords();
  const ahead = stage.state === "ahead";
  const cells: readonly (readonly [string, string])[] = [
    [m.stage.requested, count(stage.requested)],
    [m.stage.accepted, count(stage.accepted)],
    [m.stage.rejected, count(stage.rejected)],
    [m.stage.failed, count(stage.failed)],
    [m.stage.time, duration(stage.seconds)],
    [m.stage.requests, count(stage.requests)],
    [m.stage.tokens, `${count(stage.tokensIn)} / ${count(stage.tokensOut)}`],
    [m.stage.cost, money(stage.cost)],
  ];
  return (
    <tr class={`stage-${stage.state}`}>
      <th scope="row">
        {stage.title ?? stage.name}
        {stage.title === null ? null : <small>{stage.name}</small>}
      </th>
      <td data-label={m.stage.state}>{m.stage.states[stage.state]}</td>
      {cells.map(([label, text]) => (
        <td key={label} data-label={label} class="number">
          {ahead ? "–" : text}
        </td>
      ))}
    </tr>
  );
}

export function StageList(props: {
  readonly stages: readonly StageView[];
}): JSX.Element {
  const { m } = useWords();
  return (
    <div class="scroll">
      <table class="list stages">
        <thead>
          <tr>
            <th scope="col">{m.stage.name}</th>
            <th scope="col">{m.stage.state}</th>
            <th scope="col">{m.stage.requested}</th>
            <th scope="col">{m.stage.accepted}</th>
            <th scope="col">{m.stage.rejected}</th>
            <th scope="col">{m.stage.failed}</th>
            <th scope="col">{m.stage.time}</th>
            <th scope="col">{m.stage.requests}</th>
            <th scope="col">{m.stage.tokens}</th>
            <th scope="col">{m.stage.cost}</th>
          </tr>
        </thead>
        <tbody>
          {props.stages.map((stage) => (
            <StageLine key={stage.name} stage={stage} />
          ))}
        </tbody>
      </table>
    </div>
  );
}
