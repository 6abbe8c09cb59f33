/**
 * @file What was learned of languages elsewhere and is shipped in `languages`; the README
 * there says from where.
 */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

const FOLDER = new URL("../../languages/", import.meta.url);

/** Trusted: the file is part of the package. */
export function readLanguageData<T>(name: string): T {
  const bytes = readFileSync(new URL(`${name}.json.gz`, FOLDER));
  return JSON.parse(gunzipSync(bytes).toString("utf8")) as T;
}
