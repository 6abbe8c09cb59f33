/**
 * @file The pages of one run, and which of them is open.
 */
import type { JSX } from "preact";
import { useWords } from "../language/words.js";
import { addressOf } from "../route.js";

export function RunMenu(props: {
  readonly run: string;
  /** Second part of the route inside the run: "" is the overview. */
  readonly place: string;
}): JSX.Element {
  const { m } = useWords();
  const { run, place } = props;
  const pages = [
    { name: m.run.overview, places: [""], path: [] },
    { name: m.run.rows, places: ["table", "row"], path: ["table"] },
    { name: m.run.heldOut, places: ["held-out"], path: ["held-out"] },
    { name: m.run.review, places: ["review"], path: ["review"] },
  ];
  return (
    <nav class="run-menu" aria-label={m.runMenu}>
      <strong>{run}</strong>
      {pages.map(({ name, places, path }) => (
        <a
          key={name}
          href={addressOf(["run", run, ...path])}
          aria-current={places.includes(place) ? "page" : undefined}
        >
          {name}
        </a>
      ))}
    </nav>
  );
}
