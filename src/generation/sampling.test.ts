import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  chooseToken,
  chooseWeighted,
  likeliest,
  type ChoiceSettings,
  type TokenWeights,
} from "./sampling.js";

/** Probabilities 0.5, 0.25, 0.125, 0.125 as logits, shifted by a constant. */
const LOGITS = Float32Array.from(
  [0.5, 0.25, 0.125, 0.125],
  (p) => 3 + Math.log(p),
);
const PLAIN: ChoiceSettings = { temperature: 1, topP: 1, topK: 0 };

/** What the inference graph makes of logits, in float64. */
function weightsOf(logits: Float32Array, temperature: number): TokenWeights {
  const most = Math.max(...logits);
  const softmax = (t: number): number[] => {
    const powers = Array.from(logits, (x) => Math.exp((x - most) / t));
    const total = powers.reduce((sum, power) => sum + power, 0);
    return powers.map((power) => power / total);
  };
  return {
    weights: Float32Array.from(softmax(temperature || 1)),
    peak: Math.max(...softmax(1)),
    best: logits.indexOf(most),
  };
}

const byWeights: typeof chooseToken = (logits, settings, coin) =>
  chooseWeighted(weightsOf(logits, settings.temperature), settings, coin);

describe.each([
  ["logits", chooseToken],
  ["weights", byWeights],
])("choosing a token by its %s", (_way, choose) => {
  const tokenAt = (
    coin: number,
    settings: Partial<ChoiceSettings> = {},
  ): number => choose(LOGITS, { ...PLAIN, ...settings }, coin).token;

  it("cuts the unit interval at the summed probabilities", () => {
    expect(
      [0, 0.49, 0.51, 0.74, 0.76, 0.87, 0.88].map((coin) => tokenAt(coin)),
    ).toEqual([0, 0, 1, 1, 2, 2, 3]);
  });

  it("takes the first token at coin 0 and the last at the largest coin", () => {
    expect(tokenAt(0)).toBe(0);
    expect(tokenAt(1 - 2 ** -32)).toBe(3);
  });

  it("is greedy at temperature 0, the earlier token on a tie, whatever the coin", () => {
    const tied = Float32Array.from([1, 5, 5, 2]);
    for (const coin of [0, 0.5, 0.999])
      expect(choose(tied, { ...PLAIN, temperature: 0 }, coin).token).toBe(1);
  });

  it("sharpens below temperature 1: at 0.5 the probabilities are squared", () => {
    // Squares 16 : 4 : 1 : 1 of 22.
    const at = (coin: number): number => tokenAt(coin, { temperature: 0.5 });
    expect([0.72, 0.74, 0.9, 0.92, 0.95, 0.96].map(at)).toEqual([
      0, 1, 1, 2, 2, 3,
    ]);
  });

  it("keeps the k likeliest tokens and shares the mass among them", () => {
    // 2/3 and 1/3.
    const at = (coin: number): number => tokenAt(coin, { topK: 2 });
    expect([0.66, 0.67, 0.999].map(at)).toEqual([0, 1, 1]);
  });

  it("keeps tokens up to the one that completes the nucleus", () => {
    // 0.5 alone completes 0.4; 0.5 + 0.25 is needed for 0.6.
    expect(tokenAt(0.999, { topP: 0.4 })).toBe(0);
    expect(tokenAt(0.999, { topP: 0.6 })).toBe(1);
    expect(tokenAt(0.999, { topP: 0.8 })).toBe(2);
  });

  it("takes the nucleus of what top-k left", () => {
    // Of {2/3, 1/3} the first alone completes 0.6; of all four it would not.
    expect(tokenAt(0.999, { topK: 2, topP: 0.6 })).toBe(0);
  });

  it("reports the probability under the plain softmax, cut-offs and temperature aside", () => {
    const settings = { temperature: 0.5, topP: 0.9, topK: 2 };
    expect(choose(LOGITS, settings, 0.999).logprob).toBeCloseTo(
      Math.log(0.25),
      6,
    );
    expect(choose(LOGITS, { ...PLAIN, temperature: 0 }, 0).logprob).toBeCloseTo(
      Math.log(0.5),
      6,
    );
  });

  it("survives logits that overflow exp", () => {
    const large = Float32Array.from([1000, 999, -1000]);
    expect(choose(large, PLAIN, 0.9).token).toBe(1);
    expect(choose(large, PLAIN, 0.9).logprob).toBeCloseTo(
      -1 - Math.log(1 + Math.exp(-1)),
      6,
    );
  });
});

describe("penalties", () => {
  it("takes the presence penalty off once and the frequency penalty for each time", () => {
    // Logits 3, 2, 1: token 0 came twice, token 1 once.
    const logits = Float32Array.of(3, 2, 1);
    const after = (penalties: Partial<ChoiceSettings>): number =>
      chooseToken(
        logits,
        { ...PLAIN, temperature: 0, ...penalties },
        0,
        [0, 1, 0],
      ).token;
    expect(after({})).toBe(0);
    // 3 − 0.9 = 2.1, 2 − 0.9 = 1.1, 1.
    expect(after({ presencePenalty: 0.9 })).toBe(0);
    // 3 − 2·0.6 = 1.8, 2 − 0.6 = 1.4, 1.
    expect(after({ frequencyPenalty: 0.6 })).toBe(0);
    // 3 − 2·0.8 = 1.4, 2 − 0.8 = 1.2, 1; then 3 − 2·1.1 = 0.8, 0.9, 1.
    expect(after({ frequencyPenalty: 0.8 })).toBe(0);
    expect(after({ frequencyPenalty: 1.1 })).toBe(2);
    expect(after({ presencePenalty: 3 })).toBe(2);
  });

  it("tells the log-probability of the plain softmax under penalties too", () => {
    const settings = { ...PLAIN, temperature: 0, presencePenalty: 10 };
    // Token 1, of probability 1/4, once token 0 is penalised.
    const choice = chooseToken(LOGITS, settings, 0, [0]);
    expect(choice.token).toBe(1);
    expect(choice.logprob).toBeCloseTo(Math.log(0.25), 6);
  });
});

describe("weights", () => {
  it("is choosing it by its logits, wherever the coin does not fall on an edge", () => {
    const logit = fc.float({ min: -20, max: 20, noNaN: true });
    const rows = fc.array(logit, { minLength: 1, maxLength: 300 });
    const temperatures = fc.constantFrom(0, 0.5, 0.7, 1, 1.5);
    const coins = fc.double({ min: 0, max: 0.999999, noNaN: true });
    fc.assert(
      fc.property(rows, temperatures, coins, (values, temperature, coin) => {
        const logits = Float32Array.from(values);
        const settings = { ...PLAIN, temperature };
        const row = weightsOf(logits, temperature);
        const chosen = chooseWeighted(row, settings, coin);
        const twin = [coin, Math.max(0, coin - 1e-5), coin + 1e-6]
          .map((near) => chooseToken(logits, settings, near))
          .find(({ token }) => token === chosen.token);
        expect(twin?.token).toBe(chosen.token);
        expect(chosen.logprob).toBeCloseTo(twin?.logprob ?? 0, 4);
      }),
      { numRuns: 500 },
    );
  });

  it("finds the token in whatever stretch of the vocabulary it is", () => {
    // 200 equal tokens: the coin (t + 1/2)/200 is token t.
    const row = {
      weights: new Float32Array(200).fill(1 / 200),
      peak: 1 / 200,
      best: 0,
    };
    for (let token = 0; token < 200; token++)
      expect(chooseWeighted(row, PLAIN, (token + 0.5) / 200).token).toBe(token);
  });

  it("never takes a token of weight 0, at any coin", () => {
    const weights = new Float32Array(130);
    weights[3] = 1;
    weights[70] = 1e-30;
    const row = { weights, peak: 1, best: 3 };
    for (const coin of [0, 0.3, 1 - 2 ** -32])
      expect([3, 70]).toContain(chooseWeighted(row, PLAIN, coin).token);
  });
});

it("gives the likeliest tokens in order, the earlier one of equals first", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 1 }),
      fc.integer({ min: 1, max: 20 }),
      (values, count) => {
        const expected = values
          .map((value, token) => ({ value, token }))
          .toSorted((a, b) => b.value - a.value || a.token - b.token)
          .slice(0, count);
        const found = likeliest(Float32Array.from(values), count);
        expect(found.map(({ token }) => token)).toEqual(
          expected.map(({ token }) => token),
        );
        const total = values.reduce((sum, value) => sum + Math.exp(value), 0);
        for (const [i, { logprob }] of found.entries())
          expect(Math.exp(logprob)).toBeCloseTo(
            Math.exp(expected[i]?.value ?? 0) / total,
            5,
          );
      },
    ),
  );
});
