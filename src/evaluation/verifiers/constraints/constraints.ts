/**
 * @file Every kind of constraint by its id, and responses held to several: strictly as
 * they stand, or loosely, forgiven a first line, a last line and asterisks.
 */
import { strip } from "../../../text/python/strings.js";
import { chineseForms } from "./chinese.js";
import type { Check, ConstraintKind } from "./constraint.js";
import { content } from "./content.js";
import { form } from "./form.js";
import { format } from "./format.js";
import { ifbench } from "./ifbench.js";
import { keywords } from "./keywords.js";
import { language } from "./language.js";
import { length } from "./length.js";

const KINDS: Readonly<Record<string, ConstraintKind>> = {
  ...keywords,
  ...language,
  ...length,
  ...content,
  ...format,
  ...form,
  ...chineseForms,
  ...ifbench,
};

export const CONSTRAINT_IDS = Object.keys(KINDS);

export function constraintKind(id: string): ConstraintKind | undefined {
  return Object.hasOwn(KINDS, id) ? KINDS[id] : undefined;
}

export interface Followed {
  /** One for each constraint, as are those of `loose`. */
  readonly strict: readonly boolean[];
  readonly loose: readonly boolean[];
}

/** Blank responses follow nothing. */
export function followed(checks: readonly Check[], response: string): Followed {
  const forms = looseForms(response).filter((text) => strip(text) !== "");
  const given = strip(response) !== "";
  const strict = checks.map((check) => given && check(response));
  return {
    strict,
    loose: checks.map(
      (check, i) => strict[i] === true || forms.some((text) => check(text)),
    ),
  };
}

/** The response, and without its first line, its last and both; each also without asterisks. */
function looseForms(response: string): readonly string[] {
  const lines = response.split("\n");
  const cut = [lines.slice(1), lines.slice(0, -1), lines.slice(1, -1)];
  const forms = [response, ...cut.map((rest) => strip(rest.join("\n")))];
  return [
    ...new Set([...forms, ...forms.map((text) => text.replaceAll("*", ""))]),
  ];
}
