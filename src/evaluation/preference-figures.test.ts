import { expect, it } from "vitest";
import { randomStream } from "../foundation/random.js";
import { preferenceFigures } from "./preference-figures.js";

const options = { random: randomStream(1, "test") };

it("counts verdicts, and what the place of an answer did", () => {
  const figures = preferenceFigures(
    [
      // Both orders name the model, each by another place.
      { preference: 1, orders: [1, 0] },
      // The first place wins twice.
      { preference: 0.5, orders: [0, 0] },
      // The reference once, then a tie.
      { preference: 0.25, orders: [0, 0.5] },
      { preference: null, orders: [1, null] },
    ],
    options,
  );
  expect(figures).toMatchObject({
    winRate: { mean: 1.75 / 3 },
    verdicts: { win: 1, tie: 1, lose: 1 },
    unjudged: 1,
    consistent: 1 / 2,
  });
  // Given to the first: 0, 1; 1, 1; 1, ½.
  expect(figures.firstPlace).toBeCloseTo((0.5 + 1 + 0.75) / 3, 12);
});

it("has no rate without verdicts, and no places where nobody was asked", () => {
  expect(
    preferenceFigures([{ preference: null, orders: [] }], options),
  ).toEqual({
    winRate: null,
    verdicts: { win: 0, tie: 0, lose: 0 },
    unjudged: 1,
    consistent: null,
    firstPlace: null,
  });
});
