import { describe, expect, it } from "vitest";
import { randomStream } from "../foundation/random.js";
import {
  FAMILIES,
  drawTask,
  familyNamed,
  makeTask,
  parsePrompt,
  readPrompt,
} from "./families.js";
import { fillTemplate, fits } from "./family.js";

/** Prompts as a model may write them, with answers worked out by hand. */
const WRITTEN_PROMPTS: readonly (readonly [
  family: string,
  prompt: string,
  answer: string,
])[] = [
  ["reverse_letters", "reverse the letters : c a t", "t a c"],
  ["reverse_letters", "write x y in reverse", "y x"],
  ["reverse_letters", "spell a b c d e f backwards", "f e d c b a"],
  ["sort_letters", "sort the letters : t a c", "a c t"],
  ["sort_letters", "arrange b b a from early to late", "a b b"],
  ["capital_letters", "use capitals for q i", "Q I"],
  ["capital_letters", "write in capitals : a b c", "A B C"],
  ["drop_vowels", "remove the vowels : b e a n", "b n"],
  ["drop_vowels", "write s k y with no vowels", "s k y"],
  ["double_letters", "double a b", "a a b b"],
  ["double_letters", "say each letter two times : z z", "z z z z"],
  ["next_letters", "what 3 letters follow d", "e f g"],
  [
    "next_letters",
    "continue the alphabet with 9 letters : q",
    "r s t u v w x y z",
  ],
  ["start_kind", "does u b start with vowel or consonant", "vowel"],
  ["start_kind", "vowel or consonant at the start : y e s", "consonant"],
  ["sort_digits", "put 3 1 2 in rising order", "1 2 3"],
  ["sort_digits", "sort the digits : 9 0", "0 9"],
  ["largest_digit", "give the maximum : 4 7 7 1", "7"],
  ["smallest_digit", "what is the smallest of 4 7 0", "0"],
  ["next_number", "add one : 9 9 9", "1 0 0 0"],
  ["next_number", "what number comes after 4", "5"],
  ["next_number", "count one up from 1 9", "2 0"],
  ["spell_digits", "spell out 4 0 7", "four zero seven"],
  ["even_odd", "is 4 7 even or odd", "odd"],
  ["even_odd", "even or odd : 1 0", "even"],
  ["compare_numbers", "is 9 more or less than 1 0", "less"],
  ["compare_numbers", "more or less : 4 2 than 2 4", "more"],
  ["first_letters", "write the first letters of dog cat", "d c"],
  ["first_letters", "which letters start the words teacher list fun", "t l f"],
  ["last_letter", "give the last letter : horse", "e"],
  ["last_letter", "which letter ends the word because", "e"],
  ["repeat_word", "repeat cat 3 times", "cat cat cat"],
  ["repeat_word", "repeat the word : dog 2 times", "dog dog"],
  ["repeat_word", "write it 2 times : no", "no no"],
  ["swap_ends", "swap the ends of red cat dog", "dog cat red"],
  ["swap_ends", "change places of first and last : one two", "two one"],
  ["pick_kind", "pick the animal : table dog apple", "dog"],
  ["pick_kind", "which of red milk is some drink", "milk"],
  ["kind_of", "what kind of thing is hammer", "tool"],
  ["kind_of", "give the kind : purple", "colour"],
  ["is_a", "is cat some kind of animal", "yes"],
  ["is_a", "yes or no : cat is some fruit", "no"],
  ["opposite", "what is the opposite of hot", "cold"],
  ["opposite", "give the opposite : cold", "hot"],
  ["colour", "what colour is snow", "white"],
  ["animal_facts", "name the baby of cat", "kitten"],
  ["animal_facts", "what sound does cow make", "moo"],
  ["animal_facts", "give the home : dog", "kennel"],
];

describe("the families", () => {
  it("are at least twenty, at least five of them classification", () => {
    expect(new Set(FAMILIES.map(({ name }) => name)).size).toBe(24);
    expect(
      FAMILIES.filter(({ isClassification }) => isClassification).length,
    ).toBeGreaterThanOrEqual(5);
  });

  it("have at least three phrasings each, with and without an input", () => {
    for (const { name, phrasings } of FAMILIES) {
      expect(phrasings.length, name).toBeGreaterThanOrEqual(3);
      const withInput = phrasings.filter(({ input }) => input !== undefined);
      expect(withInput.length, name).toBeGreaterThan(0);
      expect(withInput.length, name).toBeLessThan(phrasings.length);
    }
  });

  it("use templates that need no escaping and never the task separator", () => {
    for (const { phrasings, statements } of FAMILIES)
      for (const template of [
        ...phrasings.flatMap(({ instruction, input = "" }) => [
          instruction,
          input,
        ]),
        ...statements.map(({ text }) => text),
      ])
        expect(template).toMatch(/^(?:[a-z]{2,}|\{[a-z]+\}|,| )*$/);
  });

  it("begin every phrasing with a word, by which prompts are looked up", () => {
    for (const { phrasings } of FAMILIES)
      for (const { instruction } of phrasings)
        expect(instruction).toMatch(/^[a-z]{2,} /);
  });

  it("state every slot of an argument in every sentence about it", () => {
    for (const { name, statements, draw } of FAMILIES) {
      const slots = draw(randomStream(3, name));
      for (const statement of statements) {
        const spelled = Object.keys(slots).filter(
          (slot) => slot !== "relation",
        );
        for (const slot of [...spelled, "answer"])
          expect(statement.text, name).toContain(`{${slot}}`);
      }
    }
  });

  it("label classification answers from a set of at most twelve", () => {
    for (const family of FAMILIES.filter((each) => each.isClassification)) {
      const random = randomStream(4, family.name);
      const labels = new Set(
        Array.from({ length: 300 }, () => drawTask(family, random).answer),
      );
      expect(labels.size).toBeLessThanOrEqual(12);
      expect(labels.size).toBeGreaterThanOrEqual(2);
    }
  });

  it("refuse a name that is none of theirs", () => {
    expect(() => familyNamed("sums")).toThrow(
      /no nursery family "sums".*reverse_letters/,
    );
  });

  it("refuse slots that have no answer", () => {
    const family = familyNamed("opposite");
    expect(() =>
      makeTask(family, family.phrasings[0] as never, { word: "cat" }),
    ).toThrow(/make no task of family opposite/);
  });
});

describe("parsePrompt", () => {
  it.each(FAMILIES.map((family) => [family.name, family] as const))(
    "is the inverse of drawing for every phrasing of %s",
    (_name, family) => {
      const random = randomStream(5, family.name);
      const seen = new Set<string>();
      for (let draw = 0; draw < 40; draw++) {
        const slots = family.draw(random);
        for (const phrasing of family.phrasings) {
          if (!fits(phrasing, slots)) continue;
          seen.add(phrasing.instruction);
          const task = makeTask(family, phrasing, slots);
          expect(readPrompt(task.prompt)).toEqual({ task, slots });
        }
      }
      expect(seen.size).toBe(
        new Set(family.phrasings.map(({ instruction }) => instruction)).size,
      );
    },
  );

  it.each(WRITTEN_PROMPTS)("reads %s from %j", (family, prompt, answer) => {
    expect(parsePrompt(prompt)).toMatchObject({ family, prompt, answer });
  });

  it("covers every family with a hand-worked prompt", () => {
    expect([...new Set(WRITTEN_PROMPTS.map(([family]) => family))]).toEqual(
      FAMILIES.map(({ name }) => name),
    );
  });

  it("splits the prompt into instruction and input", () => {
    expect(parsePrompt("sort the letters : c b a")).toEqual({
      family: "sort_letters",
      instruction: "sort the letters",
      input: "c b a",
      prompt: "sort the letters : c b a",
      answer: "a b c",
      isClassification: false,
    });
    expect(parsePrompt("what colour is snow")).toMatchObject({
      instruction: "what colour is snow",
      input: "",
      isClassification: true,
    });
  });

  it.each([
    ["an empty text", ""],
    ["a missing input", "sort the letters"],
    ["an empty input", "sort the letters : "],
    ["words where letters belong", "sort the letters : cat dog"],
    ["two tasks", "sort the letters : c b ; sort the letters : b a"],
    ["trailing words", "what colour is snow please"],
    ["leading space", " what colour is snow"],
    ["doubled spaces", "what  colour is snow"],
    ["a fact the world does not have", "what colour is teacher"],
    ["no consonant to keep", "remove the vowels : a e"],
    ["letters beyond z", "what 3 letters follow y"],
    ["equal numbers", "is 4 2 more or less than 4 2"],
    ["a number with a leading zero", "add one : 0 4"],
    ["two animals to pick from", "pick the animal : dog cat"],
    ["no animal to pick", "pick the animal : red milk"],
    ["an unknown kind", "is cat some kind of teacher"],
    ["prose", "the reverse of c a t is t a c"],
    ["more letters than a prompt may have", "double a a a a a a a a a"],
  ])("does not read %s", (_case, prompt) => {
    expect(parsePrompt(prompt)).toBeUndefined();
  });

  it("keeps prompts within 25 and answers within 12 tokens", () => {
    const random = randomStream(6, "lengths");
    let longest = [0, 0];
    let shortest = Infinity;
    for (const family of FAMILIES)
      for (let draw = 0; draw < 200; draw++) {
        const { prompt, answer } = drawTask(family, random);
        const lengths = [prompt.split(" ").length, answer.split(" ").length];
        longest = longest.map((most, i) => Math.max(most, lengths[i] ?? 0));
        shortest = Math.min(shortest, lengths[0] ?? 0);
      }
    expect(longest[0]).toBeLessThanOrEqual(25);
    expect(longest[1]).toBeLessThanOrEqual(12);
    expect(shortest).toBeGreaterThanOrEqual(3);
  });

  it("gives the same tasks for the same seed", () => {
    const draw = (): unknown[] => {
      const random = randomStream(7, "repeat");
      return FAMILIES.map((family) => drawTask(family, random));
    };
    expect(draw()).toEqual(draw());
  });
});

describe("fillTemplate", () => {
  it("fills the slots it has and leaves the others", () => {
    expect(fillTemplate("{word} is {answer}", { word: "snow" })).toBe(
      "snow is {answer}",
    );
  });
});
