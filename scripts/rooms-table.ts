/**
 * @file The table of rooms in docs/architecture.md, written from the rules that a
 * test holds the imports to.
 */
import { ROOMS } from "../test/architecture/rules.js";

const BEGIN = "<!-- Made by `npm run docs` from the rules: begin -->";
const END = "<!-- Made by `npm run docs` from the rules: end -->";

/** The page with its table of rooms written anew. */
export function withRoomsTable(page: string): string {
  const [before = "", rest = ""] = page.split(BEGIN);
  const [, after = ""] = rest.split(END);
  const rows = Object.entries(ROOMS).map(
    ([room, { holds, imports }]) =>
      `| \`${room}\` | ${holds} | ${imports.trim().split(/\s+/).filter(Boolean).map(code).join(", ") || "–"} |`,
  );
  return `${before}${BEGIN}

| Room of \`src\` | What is inside | Imports |
| --- | --- | --- |
${rows.join("\n")}

${END}${after}`;
}

function code(room: string): string {
  return `\`${room}\``;
}
