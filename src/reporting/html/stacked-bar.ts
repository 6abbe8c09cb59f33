/**
 * @file One whole in parts: a bar as wide as the page, and under it what each part is.
 */
import { count, fixed, percent } from "../../text/number-words.js";
import { unbroken } from "./format.js";
import { html, type Markup } from "./markup.js";

export interface StackedPart {
  readonly name: string;
  /** Colour family. */
  readonly tone: "win" | "tie" | "lose";
  readonly amount: number;
}

/** A part narrower than this has no room for its number. */
const ROOM_FOR_A_NUMBER = 0.07;

/** Draws the parts from left to right; empty ones stand in the key alone. */
export function stackedBar(parts: readonly StackedPart[]): Markup {
  const total = parts.reduce((sum, { amount }) => sum + amount, 0);
  const named = parts.map((part) => {
    const share = total === 0 ? 0 : part.amount / total;
    return {
      ...part,
      share,
      words: unbroken(
        `${part.name}: ${count(part.amount)} (${percent(share, 0)})`,
      ),
    };
  });
  return html`<div
      class="stack"
      role="img"
      aria-label="${named.map(({ words }) => words).join(", ")}"
    >
      ${named.map(
        ({ tone, amount, share, words }) =>
          amount > 0 &&
          html`<i
            class="${tone}"
            style="flex:${fixed(share, 4)}"
            title="${words}"
            >${share >= ROOM_FOR_A_NUMBER && count(amount)}</i
          >`,
      )}
    </div>
    <p class="key" aria-hidden="true">
      ${named.map(({ tone, words }) => html`<span class="${tone}">${words}</span>`)}
    </p>`;
}
