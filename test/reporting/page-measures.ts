/**
 * @file What a browser is asked about a page. The measuring runs inside the browser,
 * where there is a document and here there is none, so it is kept as source text for
 * `page.evaluate`.
 *
 * Contrast is that of WCAG 2.2, 1.4.3, of every text against its ground: the nearest
 * ancestor with a background colour. Background pictures and gradients are not seen.
 */

/** Ranks of the headings in reading order: `number[]`. */
export const HEADING_LEVELS = `[...document.querySelectorAll("h1, h2, h3, h4")].map(
  (heading) => Number(heading.tagName.slice(1)))`;

/** All ids of the page: `string[]`. */
export const IDS = `[...document.querySelectorAll("[id]")].map(({ id }) => id)`;

/** The ids that links inside the page point to: `string[]`. */
export const LINK_TARGETS = `[...document.querySelectorAll('a[href^="#"]')].map(
  (link) => link.getAttribute("href").slice(1))`;

/** Width of all there is to scroll to, in CSS pixels: `number`. */
export const SCROLL_WIDTH = `document.documentElement.scrollWidth`;

/** Texts of charts that reach over the edge of their card: `string[]`. */
export const LABELS_OUTSIDE = `[...document.querySelectorAll("svg.chart text")]
  .filter((label) => {
    const box = label.getBoundingClientRect();
    const card = label.closest(".card").getBoundingClientRect();
    return box.width > 0 && (box.left < card.left || box.right > card.right);
  })
  .map(({ textContent }) => textContent.trim())`;

/** Where the bars of the first stage of a waterfall begin and end, top to bottom. */
export const BARS_OF_FIRST_STAGE = `[...document.querySelector("#yield .card").querySelectorAll(".track i")].map(
  (bar) => { const { left, right } = bar.getBoundingClientRect(); return { left, right }; })`;

/** One text that is shown, its contrast and the least it needs (3 or 4.5). */
export interface Contrast {
  readonly text: string;
  readonly ratio: number;
  readonly needed: number;
}

/** An expression for `page.evaluate` that yields `Contrast[]`. */
export const MEASURE_CONTRASTS = `(() => {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 1;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  // Any CSS colour as [r, g, b, a], painted over nothing.
  const pixel = (color) => {
    context.clearRect(0, 0, 1, 1);
    context.fillStyle = color;
    context.fillRect(0, 0, 1, 1);
    return [...context.getImageData(0, 0, 1, 1).data];
  };
  const luminance = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = pixel(getComputedStyle(at).backgroundColor);
      if (color[3] > 250) return color;
    }
    return [255, 255, 255, 255];
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim();
    const element = walker.currentNode.parentElement;
    if (text === "" || !element.checkVisibility() || element.closest(".hidden, .skip, title, style")) continue;
    if (element.getBoundingClientRect().width < 2) continue;
    const style = getComputedStyle(element);
    const ink = pixel(element instanceof SVGElement ? style.fill : style.color);
    const back = ground(element);
    const opacity = (ink[3] / 255) * Number(style.opacity);
    const seen = ink.slice(0, 3).map((part, index) => part * opacity + back[index] * (1 - opacity));
    const [light, dark] = [luminance(seen), luminance(back)].sort((a, b) => b - a);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    found.push({ text: text.slice(0, 40), ratio: (light + 0.05) / (dark + 0.05), needed: large ? 3 : 4.5 });
  }
  return found;
})()`;
