/**
 * @file What the stages of a Self-Instruct run share.
 */
import type { SeedTask } from "../../data/formats/instruction-records.js";
import type {
  LanguagePack,
  RuleName,
} from "../../instruct/language-packs/language-pack.js";
import type { PromptSet } from "../../instruct/prompts/prompt-set.js";
import type { InstructSampling } from "../../instruct/settings.js";
import type { StageContext } from "../run/run-stage.js";
import type { Author } from "./author.js";
import type { ResolvedSettings } from "../../recipes/instruct.js";

export interface InstructContext extends StageContext {
  readonly settings: ResolvedSettings;
  readonly sampling: InstructSampling;
  readonly seeds: readonly SeedTask[];
  readonly pack: LanguagePack;
  readonly prompts: PromptSet;
  readonly enabled: ReadonlySet<RuleName>;
  readonly author: Author;
}
