/**
 * @file What the instructions ask for: their verbs and what these are applied to.
 * Figure 3 of the paper, as bars.
 */
import { count, counted, percent } from "../../text/number-words.js";
import type {
  InstructionDataReport,
  VerbObjects,
} from "../../instruct/data-report/report-schema.js";
import { barTable, type BarRow } from "../html/bar-table.js";
import { numbers, section } from "../html/figure.js";
import { unbroken } from "../html/format.js";
import { html, type Content, type Markup } from "../html/markup.js";

/** From the commonest object to the fourth. */
const OBJECT_SHADES = [100, 78, 58, 40];

/** Null where no instruction has a verb that was found. */
export function diversitySection(data: InstructionDataReport): Markup | null {
  if (data.verbs.byVerb.length === 0) return null;
  return section({
    id: "diversity",
    title: "What the instructions ask for",
    lead: unbroken(diversityInWords(data)),
    body: verbCard(data),
  });
}

function diversityInWords({ verbs, counts }: InstructionDataReport): string {
  const found = `${counted(verbs.distinctVerbs, "leading verb")} in ${count(verbs.found)} of ${count(counts.instructions)} instructions; questions have none.`;
  const { pairs } = verbs;
  return pairs === undefined
    ? found
    : `${found} ${counted(pairs.distinct, "different pair")} of verb and object; the 20 commonest verbs with 4 objects each cover ${percent(pairs.topShare)} of all (14 % in the paper: the smaller, the more varied).`;
}

function verbCard({ verbs, counts }: InstructionDataReport): Markup {
  const { byVerb, pairs } = verbs;
  const title =
    pairs === undefined
      ? "The commonest verbs"
      : "The commonest verbs, and of what";
  const most = Math.max(...byVerb.map((each) => each.count));
  const half = byVerb.length < 8 ? byVerb.length : Math.ceil(byVerb.length / 2);
  return html`<article class="card">
    <h3>${title}</h3>
    <p class="lead">
      A bar is as long as its verb is
      common${
        pairs !== undefined &&
        ", and shaded by what the verb is applied to: dark for the commonest direct object, pale for all but four"
      }.
      Worry when the first few bars hold nearly everything: then the model wrote
      one task again and again.
    </p>
    <div class="${half < byVerb.length ? "grid-2 top" : ""}">
      ${[byVerb.slice(0, half), byVerb.slice(half)].map(
        (verbs, part) =>
          verbs.length > 0 &&
          barTable({
            title: part === 0 ? title : `${title}, continued`,
            head: ["verb", "tasks"],
            rows: verbs.map((verb) =>
              verbRow(verb, { most, shaded: pairs !== undefined }),
            ),
          }),
      )}
    </div>
    ${
      pairs !== undefined &&
      numbers("Commonest pairs of verb and object", {
        head: ["pair", "instructions", "share"],
        rows: pairs.commonest.map(({ name, count: amount }) => [
          name,
          count(amount),
          percent(amount / counts.instructions),
        ]),
      })
    }
  </article>`;
}

/** A bar as long as the verb is common, in shades for its objects. */
function verbRow(
  { verb, count: amount, objects }: VerbObjects,
  { most, shaded }: { readonly most: number; readonly shaded: boolean },
): BarRow {
  let start = 0;
  const parts = objects.map(({ name, count: times }, place) => {
    const length = times / most;
    start += length;
    return {
      start: start - length,
      length,
      color: `color-mix(in oklab, var(--data) ${OBJECT_SHADES[place] ?? 40}%, var(--card))`,
      title: `${verb} ${name}: ${count(times)}`,
    };
  });
  return {
    name: verb,
    parts: [
      ...parts,
      {
        start,
        length: amount / most - start,
        color: shaded
          ? "color-mix(in oklab, var(--data) 20%, var(--card))"
          : "var(--data)",
        title: `${verb}${shaded ? ", anything else" : ""}: ${count(amount - sum(objects))}`,
      },
    ],
    ...(objects.length === 0 ? {} : { below: objectList(objects) }),
    numbers: [count(amount)],
  };
}

function objectList(objects: VerbObjects["objects"]): Content {
  return objects
    .map(({ name, count: times }) => `${name} ${count(times)}`)
    .join(" · ");
}

function sum(objects: VerbObjects["objects"]): number {
  return objects.reduce((total, { count: times }) => total + times, 0);
}
