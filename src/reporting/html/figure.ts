/**
 * @file What stands around a chart: its title, what to read from it, the drawing
 * for wide and for narrow pages, and the numbers behind it as a table.
 */
import { html, type Content, type Markup } from "./markup.js";

export interface Table {
  readonly head: readonly string[];
  /** The first cell of a row names it. */
  readonly rows: readonly (readonly Content[])[];
}

/** Drawing widths, in CSS pixels: a column of the page, and a telephone. */
export const WIDE = 560;
export const FULL = 1120;
export const NARROW = 340;

/**
 * A figure with its numbers one click away.
 * @param options.draw draws at a width; called for the wide and the narrow page
 */
export function figure(options: {
  readonly title: string;
  readonly reading: Content;
  readonly draw: (width: number) => Markup;
  readonly table: Table;
  readonly width?: number;
}): Markup {
  const { title, reading, draw, table } = options;
  const width = options.width ?? WIDE;
  return html`<figure class="card ${width === FULL ? "full" : ""}">
    <figcaption>
      <h3>${title}</h3>
      ${reading !== "" && html`<p>${reading}</p>`}
    </figcaption>
    <div class="wide">${draw(width)}</div>
    <div class="narrow">${draw(NARROW)}</div>
    ${numbers(title, table)}
  </figure>`;
}

/** The table behind a picture, closed until asked for. */
export function numbers(title: string, table: Table): Markup {
  return html`<details class="numbers">
    <summary>The numbers<span class="hidden"> of: ${title}</span></summary>
    ${dataTable(title, table)}
  </details>`;
}

/** A table of more columns than this does not fit a telephone. */
const COLUMNS_OF_A_TELEPHONE = 3;

/** A table that scrolls inside itself on a narrow page, and says so there. */
export function dataTable(title: string, table: Table): Markup {
  const wide = table.head.length > COLUMNS_OF_A_TELEPHONE;
  return html`${
      wide &&
      html`<p class="scroll-hint" aria-hidden="true">
        ${table.head.length} columns: scroll sideways →
      </p>`
    }
    <div class="scroll" tabindex="0" role="region" aria-label="${title}">
      <table>
        <thead>
          <tr>
            ${table.head.map((cell) => html`<th scope="col">${cell}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${table.rows.map(
            ([name, ...cells]) =>
              html`<tr>
                <th scope="row">${name ?? ""}</th>
                ${cells.map((cell) => html`<td>${cell}</td>`)}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
}

/** A part of the page, reachable from the navigation by `id`. */
export function section(options: {
  readonly id: string;
  readonly title: string;
  readonly lead: Content;
  readonly body: Content;
}): Markup {
  const { id, title, lead, body } = options;
  return html`<section id="${id}" aria-labelledby="${id}-title">
    <h2 id="${id}-title">${title}</h2>
    ${lead !== "" && html`<p class="lead">${lead}</p>`} ${body}
  </section>`;
}

/** One figure of a header. */
export function keyFigure(figure: {
  readonly name: string;
  readonly value: string;
  readonly note: Content;
  readonly tone: string;
}): Markup {
  return html`<div class="figure-${figure.tone}">
    <dt>${figure.name}</dt>
    <dd><strong>${figure.value}</strong> <span>${figure.note}</span></dd>
  </div>`;
}

/**
 * The colour of a model: grey for the base, then one hue that deepens with every
 * round, so that order can be seen.
 */
export function modelColor(index: number, count: number): string {
  if (index === 0) return "var(--model-base)";
  const share =
    count <= 2 ? 100 : Math.round(((index - 1) / (count - 2)) * 100);
  return `color-mix(in oklab, var(--model-last) ${share}%, var(--model-first))`;
}
