import { describe, expect, it } from "vitest";
import { randomStream } from "../foundation/random.js";
import { FAMILIES, drawTask, familyNamed, makeTask } from "./families.js";
import {
  HELD_OUT_SHARE,
  drawTaskOfSide,
  drawTrainingSlots,
  isHeldOutArgument,
  isHeldOutPrompt,
} from "./split.js";

describe("the split", () => {
  it.each(FAMILIES.map((family) => [family.name, family] as const))(
    "holds out its share of %s",
    (_name, family) => {
      const random = randomStream(1, family.name);
      const prompts = new Set(
        Array.from({ length: 800 }, () => drawTask(family, random).prompt),
      );
      const share = [...prompts].filter(isHeldOutPrompt).length / prompts.size;
      expect(Math.abs(share - HELD_OUT_SHARE[family.split])).toBeLessThan(0.06);
    },
  );

  it("holds an argument out in all its phrasings", () => {
    const random = randomStream(2, "phrasings");
    for (const family of FAMILIES.filter(({ split }) => split === "argument"))
      for (let draw = 0; draw < 30; draw++) {
        const slots = family.draw(random);
        const sides = family.phrasings.map((phrasing) =>
          isHeldOutPrompt(makeTask(family, phrasing, slots).prompt),
        );
        expect(new Set(sides)).toEqual(
          new Set([isHeldOutArgument(family, slots)]),
        );
      }
  });

  it("shares the facts of families that are split by prompt", () => {
    expect(
      FAMILIES.filter(({ split }) => split === "prompt").map(
        ({ name }) => name,
      ),
    ).toEqual([
      "next_letters",
      "last_letter",
      "kind_of",
      "opposite",
      "colour",
      "animal_facts",
    ]);
    expect(isHeldOutArgument(familyNamed("colour"), { word: "snow" })).toBe(
      false,
    );
  });

  it("does not hold out what is no task", () => {
    expect(isHeldOutPrompt("tell me about the sea")).toBe(false);
  });

  it("draws from the side that is asked for", () => {
    const random = randomStream(3, "sides");
    for (const family of FAMILIES)
      for (let draw = 0; draw < 8; draw++) {
        expect(
          isHeldOutPrompt(drawTaskOfSide(family, "training", random).prompt),
        ).toBe(false);
        expect(
          isHeldOutPrompt(drawTaskOfSide(family, "held-out", random).prompt),
        ).toBe(true);
        expect(
          isHeldOutArgument(family, drawTrainingSlots(family, random)),
        ).toBe(false);
      }
  });
});
