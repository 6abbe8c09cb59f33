/**
 * @file The shell around every report page: head, navigation, main part, footer.
 *
 * A page is one file that needs nothing else: no script, no network. The content
 * policy forbids both, so that even a fault in the escaping could not run what a
 * model wrote.
 */
import { html, verbatim, type Content, type Markup } from "./markup.js";
import { STYLE } from "./style.js";

const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

export interface PageLink {
  /** Of the section it leads to. */
  readonly id: string;
  readonly name: string;
}

export interface ReportDocument {
  /** Of the window. */
  readonly title: string;
  /** Words of the link that leads the keyboard past the navigation; absent for none. */
  readonly skip?: string;
  /** Parts of the page in reading order; no navigation when there are none. */
  readonly links: readonly PageLink[];
  readonly main: Content;
  readonly footer: Content;
}

/** The whole page as text; the same parts give the same bytes. */
export function reportDocument(document: ReportDocument): string {
  const { title, skip, links, main, footer } = document;
  const page = html`<html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta http-equiv="Content-Security-Policy" content="${POLICY}" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <title>${title}</title>
      <style>
        ${verbatim(STYLE)}
      </style>
    </head>
    <body>
      ${skip !== undefined && html`<a class="skip" href="#main">${skip}</a>`}
      ${links.length > 0 && navigation(links)}
      <main id="main">${main}</main>
      <footer>
        <p>${footer}</p>
      </footer>
    </body>
  </html>`;
  return `<!doctype html>\n${page.text}\n`;
}

function navigation(links: readonly PageLink[]): Markup {
  return html`<nav aria-label="Parts of this report">
    <b>Autodidact</b>
    <ul>
      ${links.map(({ id, name }) => html`<li><a href="#${id}">${name}</a></li>`)}
    </ul>
  </nav>`;
}
