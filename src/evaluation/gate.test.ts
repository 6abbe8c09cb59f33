import { expect, test } from "vitest";
import { judgeGate, judgeOnFixedSet } from "./gate.js";
import type { MeasuredJudge } from "./judge-cure.js";
import { judgeMetrics } from "./judge-metrics.js";

/** A judge that has `right` of `pairs` right; `equal` more are ties, `unread` more have no score. */
function judgeOf(
  about: Pick<MeasuredJudge, "kind" | "sampled">,
  counts: {
    readonly right: number;
    readonly pairs: number;
    readonly equal?: number;
    readonly unread?: number;
  },
): MeasuredJudge {
  const { right, pairs, equal = 0, unread = 0 } = counts;
  const pair = (better: number | null, worse: number) => [
    { judge: better, truth: 1 },
    { judge: worse, truth: 0 },
  ];
  const times = (count: number, better: number | null) =>
    Array.from({ length: count }, () => pair(better, 2));
  return judgeOnFixedSet(
    about,
    judgeMetrics([
      ...times(right, 4),
      ...times(pairs - right - equal - unread, 1),
      ...times(equal, 2),
      ...times(unread, null),
    ]),
  );
}

const weighed = { kind: "model", sampled: false } as const;
const sampled = { kind: "model", sampled: true } as const;

function sentenceOf(judge: MeasuredJudge): string {
  return judgeGate({ judge, threshold: 0.8, forced: false }).sentence;
}

test("the gate passes at its threshold", () => {
  const judge = judgeOf(weighed, { right: 80, pairs: 100 });
  const gate = judgeGate({ judge, threshold: 0.8, forced: true });
  expect(gate).toMatchObject({ passed: true, forced: false });
  expect(gate.sentence).toBe(
    "Before the first round the judge ranks the right answer above the corrupted one in 80.0 % of the fixed set (95 % interval 71.1 % to 86.7 %); the recipe asks for at least 80 %. The loop may begin.",
  );
});

test("a weak judge does not pass, and the sentence says how weak and what to do", () => {
  const judge = judgeOf(weighed, { right: 66, pairs: 100 });
  const gate = judgeGate({ judge, threshold: 0.8, forced: false });
  expect(gate).toMatchObject({ passed: false, forced: false });
  expect(gate.interval).toEqual(judge.accuracy);
  expect(gate.sentence).toContain("66.0 % of the fixed set");
  expect(gate.sentence).toContain("(95 % interval 56.3 % to 74.5 %)");
  expect(gate.sentence).toContain("--force");
});

test("force goes on without calling it a pass", () => {
  const judge = judgeOf(weighed, { right: 66, pairs: 100 });
  expect(judgeGate({ judge, threshold: 0.8, forced: true })).toMatchObject({
    passed: false,
    forced: true,
  });
});

test("a judge that gave no readable score does not pass, even with no bar", () => {
  const judge = judgeOf(sampled, { right: 0, pairs: 10, unread: 10 });
  const gate = judgeGate({ judge, threshold: 0, forced: false });
  expect(gate).toMatchObject({
    passed: false,
    judgeAccuracy: null,
    interval: null,
  });
  expect(gate.sentence).toContain("gave no readable score on the fixed set");
  expect(gate.sentence).toContain("try judge.reward: expected");
});

test.each([
  [
    "sampled and often unread",
    judgeOf(sampled, { right: 30, pairs: 100, unread: 40 }),
    "Many judgements cannot be read: try judge.reward: expected",
  ],
  [
    "weighed and often unread",
    judgeOf(weighed, { right: 30, pairs: 100, unread: 40 }),
    "say in judge.answer how it writes one",
  ],
  [
    "sampled and often equal",
    judgeOf(sampled, { right: 50, pairs: 100, equal: 30 }),
    "try judge.reward: expected, or more judge.samples",
  ],
  [
    "sampled and close to the bar",
    judgeOf(sampled, { right: 75, pairs: 100 }),
    "more judge.samples average its noise away",
  ],
  [
    "weighed, whether close or far",
    judgeOf(weighed, { right: 75, pairs: 100 }),
    "Teach it on more judge data (data.eft, or judgeData",
  ],
  [
    "a reward model",
    judgeOf(
      { kind: "reward-model", sampled: false },
      { right: 60, pairs: 100 },
    ),
    "on more rankings (data.rankings",
  ],
  [
    "behind an endpoint",
    judgeOf({ kind: "endpoint", sampled: true }, { right: 50, pairs: 100 }),
    "reword judge.template, or name a larger model",
  ],
])("the cheapest cure of a judge that is %s", (_, judge, cure) => {
  expect(sentenceOf(judge)).toContain(cure);
});

test("the sentence names what judged", () => {
  const counts = { right: 60, pairs: 100 };
  expect(
    (["reward-model", "endpoint"] as const).map((kind) =>
      /round (.*) ranks/.exec(
        sentenceOf(judgeOf({ kind, sampled: false }, counts)),
      ),
    ),
  ).toMatchObject([
    { 1: "the reward model" },
    { 1: "the judge behind the endpoint" },
  ]);
});
