/**
 * @file Which runs a comparison has: the recipe of each arm with each seed, its folder,
 * and whether its M1 is the one that the arms of a seed share.
 */
import { isDeepStrictEqual } from "node:util";
import { withOverrides } from "../../../recipes/overrides.js";
import {
  selfRewardingSchema,
  type SelfRewardingRecipe,
} from "../../../recipes/self-rewarding.js";

type Arm = SelfRewardingRecipe["arms"][number];

export interface ArmRun {
  readonly recipe: SelfRewardingRecipe;
  /** Name of its folder inside that of the comparison. */
  readonly folder: string;
  /** Nothing that M1 depends on differs from the recipe of the comparison. */
  readonly sharesM1: boolean;
}

export interface PlannedArm {
  readonly name: string;
  readonly note: string;
  readonly runs: readonly ArmRun[];
}

/** A recipe with arms or with a list of seeds is a comparison. */
export function isComparison({ arms, seeds }: SelfRewardingRecipe): boolean {
  return arms.length > 0 || seeds.length > 0;
}

/** The recipe with one seed, in place of its own and those of its arms. */
export function withSeed(
  recipe: SelfRewardingRecipe,
  seed: number,
): SelfRewardingRecipe {
  return {
    ...recipe,
    seed,
    seeds: [],
    arms: recipe.arms.map(({ seeds: _seeds, ...arm }) => arm),
  };
}

/** Every arm with every seed, in order; seeds without arms are one arm, named as the recipe. */
export function plannedArms(recipe: SelfRewardingRecipe): PlannedArm[] {
  const seeds = recipe.seeds.length === 0 ? [recipe.seed] : recipe.seeds;
  if (recipe.arms.length === 0) {
    return [
      {
        name: recipe.name,
        note: "",
        runs: seeds.map((seed) => ({
          recipe: { ...recipe, seed, seeds: [] },
          folder: `seed-${seed}`,
          sharesM1: false,
        })),
      },
    ];
  }
  return recipe.arms.map((arm) => ({
    name: arm.name,
    note: arm.note,
    runs: (arm.seeds ?? seeds).map((seed) => {
      const own = armRecipe(recipe, arm, seed);
      return {
        recipe: own,
        folder: `${arm.name}-seed-${seed}`,
        sharesM1: isDeepStrictEqual(
          teachingInputs(own),
          teachingInputs({ ...recipe, seed }),
        ),
      };
    }),
  }));
}

/**
 * The recipe of one arm with one seed: the arm's groups of keys over the recipe's, then
 * its short keys.
 */
function armRecipe(
  recipe: SelfRewardingRecipe,
  arm: Arm,
  seed: number,
): SelfRewardingRecipe {
  const {
    name,
    note: _note,
    seeds: _seeds,
    source,
    mode,
    learningRate,
    ...groups
  } = arm;
  const short = {
    judge: { source },
    preference: { mode, learningRate },
  };
  // A group that the recipe leaves out (lora: null) gets its defaults here.
  return selfRewardingSchema.parse({
    ...(withOverrides(withOverrides(recipe, groups), short) as object),
    name: `${recipe.name}-${name}`,
    seed,
    arms: [],
    seeds: [],
  });
}

/** What M1 depends on. */
function teachingInputs(recipe: SelfRewardingRecipe): unknown {
  const { base, revision, plainPrompt, data, teaching, judge, prompts } =
    recipe;
  const { judgeData, candidates, verifier } = recipe;
  return {
    ...{ base, revision, plainPrompt, teaching },
    judgeData: judgeData && {
      ...{ judgeData, candidates, verifier },
      sampling: [judge.temperature, judge.topP, judge.maxTokens],
    },
    rows: [data.ift, data.iftRows, data.eft, data.eftRows],
    judging: [judge.template, judge.answer],
    writing: [
      prompts.template,
      prompts.separator,
      prompts.seedExamples,
      prompts.ownExamples,
    ],
  };
}
