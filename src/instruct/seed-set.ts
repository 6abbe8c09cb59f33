/**
 * @file The seed tasks that come with the program, one set for each language.
 *
 * They are read from `seeds/` at the root of the package and checked like any
 * user's file. The sets are original work; see seeds/README.md.
 */
import { fileURLToPath } from "node:url";
import type { SeedTask } from "../data/formats/instruction-records.js";
import { readSeedTasks } from "../data/formats/seed-tasks.js";
import type { LanguageId } from "./language-packs/language-pack.js";

/** Where the bundled seed tasks of a language lie; the nursery's are with its other files. */
export function bundledSeedPath(language: LanguageId): string {
  const path =
    language === "nursery"
      ? "nursery/seeds/seed-tasks.jsonl"
      : `seeds/${language}.jsonl`;
  return fileURLToPath(new URL(`../../${path}`, import.meta.url));
}

/** The bundled seed tasks of a language, 175 of them. */
export async function readBundledSeeds(
  language: LanguageId,
): Promise<readonly SeedTask[]> {
  return readSeedTasks(bundledSeedPath(language));
}
