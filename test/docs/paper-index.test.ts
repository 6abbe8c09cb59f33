/**
 * @file docs/paper-index.md tells the truth: each number or rule taken from a paper
 * points to a file that has the symbol.
 *
 * A row's last cell names one file and at least one symbol of it, both in code
 * style: "`src/text/rouge-l.ts` `rougeL`". A dotted symbol is a recipe key; its
 * last part must stand in the file.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "./pages.js";

interface Entry {
  readonly what: string;
  readonly file: string;
  readonly symbols: readonly string[];
}

const entries = readFileSync(join(ROOT, "docs/paper-index.md"), "utf8")
  .split("\n")
  .filter((line) => line.startsWith("|") && !/^\|[\s:|-]+$/.test(line))
  .map((line) => line.split(/(?<!\\)\|/).slice(1, -1))
  .map((cells): Entry => {
    const codes = [...(cells.at(-1) ?? "").matchAll(/`([^`]+)`/g)].map(
      ([, code = ""]) => code,
    );
    return {
      what: (cells[0] ?? "").trim(),
      file: codes.find((code) => code.includes("/")) ?? "",
      symbols: codes.filter((code) => !code.includes("/")),
    };
  })
  // Header rows name no code at all.
  .filter(({ file, symbols }) => file !== "" || symbols.length > 0);

test("the index has entries", () => {
  expect(entries).not.toEqual([]);
});

test.each(entries.map((entry) => [entry.what, entry] as const))(
  "%s is where the index says",
  (_what, { file, symbols }) => {
    expect(existsSync(join(ROOT, file)), `${file} exists`).toBe(true);
    const text = readFileSync(join(ROOT, file), "utf8");
    expect(symbols).not.toEqual([]);
    const missing = symbols.filter((symbol) => {
      const name = symbol.split(".").at(-1) ?? symbol;
      return !text.split(/[^\w-]+/).includes(name);
    });
    expect(missing).toEqual([]);
  },
);
