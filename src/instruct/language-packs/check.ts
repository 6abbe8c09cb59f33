/**
 * @file Asking a pack's rules: one verdict for an instruction, and the sorted-out
 * instances of one instruction.
 *
 * The first rule that is violated, in the fixed order of the rule lists, is the
 * one recorded, so counts by rule do not depend on which rules come later. An
 * instance is either accepted or rejected, never both, never neither.
 */
import { AutodidactError } from "../../foundation/error.js";
import { isInvisible } from "../../text/model-marks.js";
import type { Instance } from "../records.js";
import { english } from "./en.js";
import {
  ALL_RULES,
  type InstructionVerdict,
  type LanguageId,
  type LanguagePack,
  type RejectedInstance,
  type RuleName,
} from "./language-pack.js";
import { nurseryLanguage } from "./nursery.js";
import { chinese } from "./zh.js";

/** Every pack there is, by its id. */
export const LANGUAGE_PACKS: Readonly<Record<LanguageId, LanguagePack>> = {
  en: english,
  zh: chinese,
  nursery: nurseryLanguage,
};

/**
 * The rules left on after switching some off by name.
 * @throws USAGE when a name is not a rule
 */
export function rulesWithout(disabled: readonly string[]): Set<RuleName> {
  const known = new Set<string>(ALL_RULES);
  const unknown = disabled.find((name) => !known.has(name));
  if (unknown !== undefined) {
    throw new AutodidactError(
      "USAGE",
      `There is no filter rule “${unknown}”. The rules are: ${ALL_RULES.join(", ")}.`,
      { rule: unknown },
    );
  }
  return new Set(ALL_RULES.filter((name) => !disabled.includes(name)));
}

/** Asks the enabled rules of `pack` about one instruction. */
export function checkInstruction(
  instruction: string,
  pack: LanguagePack,
  enabled: ReadonlySet<RuleName>,
): InstructionVerdict {
  for (const rule of pack.instructionRules) {
    if (!enabled.has(rule.name)) continue;
    const evidence = rule.violation(instruction);
    if (evidence !== undefined) {
      return { accepted: false, rule: rule.name, evidence };
    }
  }
  return { accepted: true };
}

/**
 * Sorts the instances of one instruction, keeping their order.
 *
 * Same non-empty input with different outputs (in a language of tasks with one right
 * output: same input, empty or not): all instances with that input go, as the paper
 * says (section 3.2). The released code (`prepare_for_finetuning.py`,
 * `filter_duplicate_instances`) throws away every instance of the instruction.
 */
export function checkInstances(
  instances: readonly Instance[],
  pack: LanguagePack,
  enabled: ReadonlySet<RuleName>,
): {
  readonly accepted: readonly Instance[];
  readonly rejected: readonly RejectedInstance[];
} {
  const rejected: RejectedInstance[] = [];
  const valid = instances.filter((instance) => {
    const rejection = invalidInstance(instance, pack, enabled);
    if (rejection !== undefined) rejected.push(rejection);
    return rejection === undefined;
  });
  const distinct = enabled.has("duplicate-instance")
    ? valid.filter((instance, index) => {
        const first = valid.findIndex((other) => sameInstance(instance, other));
        if (first === index) return true;
        rejected.push({
          instance,
          rule: "duplicate-instance",
          evidence: `same input and output as instance ${first + 1}`,
        });
        return false;
      })
    : valid;
  const accepted = enabled.has("conflicting-outputs")
    ? distinct.filter((instance) => {
        const rival = distinct.find(
          (other) =>
            (instance.input !== "" || pack.oneRightOutput) &&
            other.input === instance.input &&
            other.output !== instance.output,
        );
        if (rival === undefined) return true;
        rejected.push({
          instance,
          rule: "conflicting-outputs",
          evidence: `the same input also has the output “${rival.output}”`,
        });
        return false;
      })
    : distinct;
  return { accepted, rejected };
}

function invalidInstance(
  instance: Instance,
  pack: LanguagePack,
  enabled: ReadonlySet<RuleName>,
): RejectedInstance | undefined {
  const input = instance.input.trim();
  const output = instance.output.trim();
  if (enabled.has("empty-output") && isInvisible(output)) {
    return { instance, rule: "empty-output", evidence: "the output is empty" };
  }
  if (enabled.has("output-equals-input") && output === input) {
    return {
      instance,
      rule: "output-equals-input",
      evidence: `both are “${output}”`,
    };
  }
  if (enabled.has("trailing-colon")) {
    // An ending colon is the mark of an unfinished generation (released code).
    const side = pack.colons.some((colon) => input.endsWith(colon))
      ? "input"
      : pack.colons.some((colon) => output.endsWith(colon))
        ? "output"
        : undefined;
    if (side !== undefined) {
      return {
        instance,
        rule: "trailing-colon",
        evidence: `the ${side} ends with a colon`,
      };
    }
  }
  return undefined;
}

function sameInstance(left: Instance, right: Instance): boolean {
  return left.input === right.input && left.output === right.output;
}
