/**
 * @file The prompt sets that come with the program: a language, a style, and the
 * paper's numbers where nothing else is asked for.
 */
import type { SeedTask } from "../../data/formats/instruction-records.js";
import { LANGUAGE_PACKS } from "../language-packs/check.js";
import type {
  LanguageId,
  NaturalLanguageId,
  RuleName,
} from "../language-packs/language-pack.js";
import { PAPER_MAX_INSTANCES, PAPER_NEW_INSTRUCTIONS } from "../settings.js";
import { classificationShots } from "./classification-shots.js";
import { englishInputFirst, englishOutputFirst } from "./instance-shots-en.js";
import { chineseInputFirst, chineseOutputFirst } from "./instance-shots-zh.js";
import { languagePrompts } from "./language-prompts.js";
import { nurseryPrompts } from "./nursery-prompts.js";
import type { PromptSet, PromptStyle } from "./prompt-set.js";
import type { Shots } from "./shots.js";
import { englishWording } from "./wording-en.js";
import { chineseWording } from "./wording-zh.js";
import type { Wording } from "./wording.js";

const INSTANCE_SHOTS: Readonly<
  Record<NaturalLanguageId, Omit<Shots, "classification">>
> = {
  en: { inputFirst: englishInputFirst, outputFirst: englishOutputFirst },
  zh: { inputFirst: chineseInputFirst, outputFirst: chineseOutputFirst },
};

const WORDINGS: Readonly<Record<NaturalLanguageId, Wording>> = {
  en: englishWording,
  zh: chineseWording,
};

export interface BundledPromptOptions {
  readonly language: LanguageId;
  readonly style: PromptStyle;
  /** The bundled seed tasks of `language`, from which the classification shots come. */
  readonly bundledSeeds: readonly SeedTask[];
  readonly enabled: ReadonlySet<RuleName>;
  readonly newInstructions?: number;
  readonly maxInstances?: number;
}

/** @throws BAD_INPUT when `bundledSeeds` are not the bundled ones */
export function bundledPrompts(options: BundledPromptOptions): PromptSet {
  const { language, style, bundledSeeds, enabled } = options;
  const newInstructions = options.newInstructions ?? PAPER_NEW_INSTRUCTIONS;
  const maxInstances = options.maxInstances ?? PAPER_MAX_INSTANCES;
  if (language === "nursery") {
    return nurseryPrompts({ style, enabled, newInstructions });
  }
  return languagePrompts({
    pack: LANGUAGE_PACKS[language],
    wording: WORDINGS[language],
    shots: {
      classification: classificationShots(language, bundledSeeds),
      ...INSTANCE_SHOTS[language],
    },
    style,
    enabled,
    newInstructions,
    maxInstances,
  });
}
