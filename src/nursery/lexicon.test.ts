import { describe, expect, it } from "vitest";
import {
  ANIMAL_FACTS,
  ANIMAL_RELATIONS,
  COLOURS,
  KINDS,
  OPPOSITES,
  THINGS,
  THINGS_BY_KIND,
  wordKindOf,
} from "./lexicon.js";

describe("the lexicon", () => {
  it("gives each thing one kind", () => {
    expect(new Set(THINGS).size).toBe(THINGS.length);
    for (const kind of KINDS)
      for (const thing of THINGS_BY_KIND[kind])
        expect(wordKindOf(thing)).toBe(kind);
    expect(wordKindOf("teacher")).toBeUndefined();
  });

  it("never uses the name of a kind as a thing", () => {
    for (const kind of KINDS) expect(wordKindOf(kind)).toBeUndefined();
  });

  it("has opposites both ways, each word in one pair", () => {
    expect(OPPOSITES.size).toBe(72);
    for (const [word, other] of OPPOSITES) {
      expect(OPPOSITES.get(other)).toBe(word);
      expect(other).not.toBe(word);
    }
  });

  it("gives each coloured thing one colour that is a thing of kind colour", () => {
    for (const colour of COLOURS.values())
      expect(wordKindOf(colour)).toBe("colour");
    expect(COLOURS.size).toBe(56);
  });

  it("keeps the answers of the animal relations apart", () => {
    const answers = ANIMAL_RELATIONS.flatMap((relation) => [
      ...new Set(ANIMAL_FACTS[relation].values()),
    ]);
    expect(new Set(answers).size).toBe(answers.length);
    for (const relation of ANIMAL_RELATIONS)
      for (const animal of ANIMAL_FACTS[relation].keys())
        expect(wordKindOf(animal)).toBe("animal");
  });

  it("consists of lower-case words of at least two letters", () => {
    for (const word of [
      ...THINGS,
      ...KINDS,
      ...OPPOSITES.keys(),
      ...COLOURS.keys(),
      ...ANIMAL_RELATIONS.flatMap((relation) => [
        ...ANIMAL_FACTS[relation].values(),
      ]),
    ])
      expect(word).toMatch(/^[a-z]{2,}$/);
  });
});
