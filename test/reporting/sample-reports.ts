/**
 * @file Reports to draw and to test with: a run that works, one that deceives
 * itself, one that the gate refused, and arms side by side.
 */
import { randomStream } from "../../src/foundation/random.js";
import type {
  ArmReport,
  PairExampleReport,
  RunReport,
} from "../../src/reporting/self-rewarding/schema.js";
import type { Character } from "./simulated-run.js";
import { gateAt, simulate } from "./simulated-run.js";

const GOOD: Character = {
  name: "nursery",
  seed: 1,
  ability: [0.55, 0.65, 0.685],
  steadier: 0.07,
  judgeNoise: 1.2,
  flattery: [0.35, 0.42, 0.5],
  reward: "self",
  length: [3.7, 3.8, 3.8],
  pairs: [1173, 884],
  distinct: [0.91, 0.87],
};

const DECEIVED: Character = {
  name: "nursery-weak-judge",
  seed: 1,
  ability: [0.66, 0.615, 0.53],
  steadier: -0.01,
  judgeNoise: 3.4,
  flattery: [-0.6, 0.7, 2.2],
  reward: "self",
  length: [3.7, 4.9, 6.4],
  pairs: [1310, 402],
  distinct: [0.88, 0.46],
};

/** A run that works: a good judge, truth and belief rising together. */
export function goodReport(): RunReport {
  return { ...simulate(GOOD), examples: EXAMPLES };
}

/** A run with a weak judge: belief up, truth down, and the warnings that follow. */
export function selfDeceivingReport(): RunReport {
  const report = { ...simulate(DECEIVED), examples: EXAMPLES };
  return {
    ...report,
    gate: gateAt(judgeAccuracyOf(report), true),
  };
}

/** A run with a judge behind an endpoint, which thinks less of the answers than their author. */
export function outsideReport(): RunReport {
  const report = goodReport();
  return {
    ...report,
    models: report.models.map((model) => {
      const reward = model.self?.reward;
      if (reward == null) return model;
      const [mean, low, high] = [reward.mean, reward.low, reward.high].map(
        (value) => value - 0.5,
      ) as [number, number, number];
      const judge = "a-larger-model";
      return { ...model, outside: { judge, reward: { mean, low, high } } };
    }),
  };
}

/** A run that the gate refused: M0 and M1 only. */
export function gatedReport(): RunReport {
  const report = { ...simulate(DECEIVED), examples: EXAMPLES };
  return {
    ...report,
    models: report.models.slice(0, 2),
    gains: [],
    headToHead: [],
    judgeSwap: [],
    rounds: [],
    training: report.training.slice(0, 1),
    warnings: [],
    examples: [],
    gate: gateAt(judgeAccuracyOf(report), false),
  };
}

/** Five seeds of five arms beside a main run. */
export function armsReport(): RunReport {
  const arms: readonly (readonly [
    string,
    string,
    readonly number[],
    Character,
  ])[] = [
    ["self", "", [0.585, 0.685, 0.715], GOOD],
    ["frozen", "M1 judges for ever", [0.585, 0.68, 0.705], GOOD],
    ["sft-best", "positive only", [0.585, 0.67, 0.72], GOOD],
    ["verifier", "upper bound", [0.585, 0.71, 0.765], GOOD],
    ["random", "control", [0.585, 0.58, 0.56], DECEIVED],
  ];
  return {
    ...goodReport(),
    name: "nursery-arms",
    arms: arms.map(([name, note, ability, character]): ArmReport => ({
      name,
      note,
      runs: [1, 2, 3, 4, 5].map((seed) => {
        const shift = (randomStream(seed, name).next() - 0.5) * 0.05;
        const run = simulate({
          ...character,
          seed,
          reward: name,
          ability: ability.map((value, index) =>
            index === 0 ? value : value + shift,
          ),
        });
        const { models, gains, warnings, gate, stop } = run;
        return { seed, models, gains, warnings, gate, stop };
      }),
    })),
  };
}

function judgeAccuracyOf(report: RunReport): number | null {
  return report.models[1]?.judgeFixed?.pairwiseAccuracy ?? null;
}

const EXAMPLES: readonly PairExampleReport[] = [
  {
    from: "M1",
    to: "M2",
    prompt: "Sort these letters from a to z.\nInput: t k a m",
    chosen: {
      text: "a k m t",
      rationale:
        "The letters asked for are all there and in order, and nothing else was added. Score: 5",
      selfScore: 4.9,
      trueScore: 5,
    },
    rejected: {
      text: "a m k t",
      rationale:
        "All the letters are there, but two of them stand the wrong way round. Score: 3",
      selfScore: 2.8,
      trueScore: 3,
    },
  },
  {
    from: "M2",
    to: "M3",
    prompt: "What kind of thing is a heron?",
    chosen: {
      text: "a fish",
      rationale: "It names a kind of animal and is short. Score: 4",
      selfScore: 4.1,
      trueScore: 1,
    },
    rejected: {
      text: "a bird",
      rationale: null,
      selfScore: 2.2,
      trueScore: 5,
    },
  },
  {
    from: "M2",
    to: "M3",
    prompt: "Repeat the word moon two times.",
    chosen: {
      text: "moon moon",
      rationale: null,
      selfScore: 4.8,
      trueScore: 5,
    },
    rejected: { text: "", rationale: null, selfScore: 0.4, trueScore: 0 },
  },
];
