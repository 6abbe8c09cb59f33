/**
 * @file Bars as rows of a table: name, bar, numbers. An ordinary table, so that it is
 * read aloud and copied with its numbers, and needs no second drawing for a telephone.
 */
import { fixed } from "../../text/number-words.js";
import { html, type Content, type Markup } from "./markup.js";

/** A stretch of a row's bar. */
export interface BarPart {
  /** Shares of the whole width, in 0..1. */
  readonly start: number;
  readonly length: number;
  /** CSS colour. */
  readonly color: string;
  /** Shown at the pointer. */
  readonly title?: string;
}

export interface BarRow {
  readonly name: Content;
  /** Small, below the name. */
  readonly note?: Content;
  readonly parts: readonly BarPart[];
  /** Small, below the bar. */
  readonly below?: Content;
  /** Right of the bar. */
  readonly numbers: readonly Content[];
}

export interface BarTable {
  /** What the table shows, for those who do not see it. */
  readonly title: string;
  /** Of the names and of each column of numbers. */
  readonly head: readonly [string, ...string[]];
  readonly rows: readonly BarRow[];
}

/** Draws the rows in the order given. */
export function barTable({ title, head, rows }: BarTable): Markup {
  const [name, ...numbers] = head;
  return html`<table class="bars">
    <caption class="hidden">
      ${title}
    </caption>
    <thead>
      <tr>
        <th scope="col">${name}</th>
        <td></td>
        ${numbers.map((column) => html`<th scope="col">${column}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${rows.map(barRow)}
    </tbody>
  </table>`;
}

function barRow({ name, note, parts, below, numbers }: BarRow): Markup {
  return html`<tr>
    <th scope="row">
      ${name}${note !== undefined && note !== "" && html` <small>${note}</small>`}
    </th>
    <td>
      <div class="track">${parts.map(barPart)}</div>
      ${below !== undefined && html`<small>${below}</small>`}
    </td>
    ${numbers.map((cell) => html`<td>${cell}</td>`)}
  </tr>`;
}

function barPart({ start, length, color, title }: BarPart): Content {
  if (length <= 0) return null;
  return html`<i
    style="left:${fixed(start * 100, 2)}%;width:${fixed(length * 100, 2)}%;background:${color}"
    title="${title ?? ""}"
  ></i>`;
}
