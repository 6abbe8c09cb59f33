/**
 * @file What the stages that make a data set share.
 */
import type { SeedTask } from "../../data/formats/instruction-records.js";
import { readSeedFile } from "../../data/formats/seed-file.js";
import {
  LANGUAGE_PACKS,
  rulesWithout,
} from "../../instruct/language-packs/check.js";
import type {
  LanguagePack,
  RuleName,
} from "../../instruct/language-packs/language-pack.js";
import { bundledPrompts } from "../../instruct/prompts/bundled-prompts.js";
import type { PromptSet } from "../../instruct/prompts/prompt-set.js";
import { readBundledSeeds } from "../../instruct/seed-set.js";
import type { InstructSampling } from "../../instruct/settings.js";
import {
  resolveSettings,
  samplingOf,
  type InstructSettings,
  type ResolvedSettings,
} from "../../recipes/instruct.js";
import type { StageContext } from "../run/run-stage.js";
import type { Author } from "./author.js";

export interface InstructContext extends StageContext {
  readonly settings: ResolvedSettings;
  readonly sampling: InstructSampling;
  readonly seeds: readonly SeedTask[];
  readonly pack: LanguagePack;
  readonly prompts: PromptSet;
  readonly enabled: ReadonlySet<RuleName>;
  readonly author: Author;
}

/** The seed tasks of a run, and those of its language, which its prompts show. */
export interface Seeds {
  readonly seeds: readonly SeedTask[];
  readonly bundled: readonly SeedTask[];
}

/** @throws BAD_INPUT, STORAGE for a file of seeds that cannot be read */
export async function readSeeds({
  seeds,
  language,
}: Pick<InstructSettings, "seeds" | "language">): Promise<Seeds> {
  const bundled = await readBundledSeeds(language);
  return {
    seeds: seeds === null ? bundled : await readSeedFile(seeds),
    bundled,
  };
}

/** What the stages of a run with these settings are given. */
export function instructContext(
  { ledger, emit, signal, now }: StageContext,
  {
    author,
    seeds,
    bundled,
    ...parts
  }: Seeds & {
    readonly settings: InstructSettings;
    readonly author: Author;
    /** Prompts of a world of its own; those of the language and style when absent. */
    readonly prompts?: PromptSet;
  },
): InstructContext {
  const settings = resolveSettings(parts.settings, author.style);
  return {
    ...{ ledger, emit, signal, now },
    settings,
    sampling: samplingOf(settings),
    seeds,
    pack: LANGUAGE_PACKS[settings.language],
    prompts: parts.prompts ?? promptsOf(settings, bundled),
    enabled: rulesWithout(settings.withoutRules),
    author,
  };
}

/** The prompts of a language and style. */
export function promptsOf(
  settings: ResolvedSettings,
  bundledSeeds: readonly SeedTask[],
): PromptSet {
  const { language, style, withoutRules, newInstructions, maxInstances } =
    settings;
  return bundledPrompts({
    language,
    style,
    bundledSeeds,
    enabled: rulesWithout(withoutRules),
    newInstructions,
    maxInstances,
  });
}
