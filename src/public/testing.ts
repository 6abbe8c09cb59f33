/**
 * @file `autodidact/testing`: doubles for tests of code that uses Autodidact.
 *
 * Semantic versioning covers the names listed here.
 */
export {
  manualClock,
  type Clock,
  type ManualClock,
} from "../foundation/clock.js";
export {
  scriptedLanguageModel,
  type Script,
  type ScriptedAnswer,
  type ScriptedCall,
  type ScriptedLanguageModel,
} from "../generation/scripted-language-model.js";
