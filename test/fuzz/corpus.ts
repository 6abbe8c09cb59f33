/**
 * @file Texts that once went wrong, or nearly did, kept in test/fixtures/fuzz: a file
 * a text, in a folder for each target, and long repetitions as a recipe in
 * `repeated.json`: [before, piece, times, behind].
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const FOLDER = fileURLToPath(new URL("../fixtures/fuzz", import.meta.url));

/** The kept texts of one target. */
export function corpus(target: string): readonly string[] {
  const folder = join(FOLDER, target);
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap((name) => {
    const text = readFileSync(join(folder, name), "utf8");
    return name === "repeated.json" ? repeated(text) : [text];
  });
}

function repeated(text: string): readonly string[] {
  const recipes = JSON.parse(text) as readonly [
    string,
    string,
    number,
    string,
  ][];
  return recipes.map(
    ([before, piece, times, behind]) => before + piece.repeat(times) + behind,
  );
}
