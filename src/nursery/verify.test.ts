import { describe, expect, it } from "vitest";
import { FAMILIES, parsePrompt } from "./families.js";
import type { NurseryTask } from "./family.js";
import { editDistance, verify } from "./verify.js";

function taskOf(prompt: string): NurseryTask {
  const task = parsePrompt(prompt);
  if (task === undefined) throw new Error(`not a task: ${prompt}`);
  return task;
}

/** Prompt, then response and score by the table in verify.ts, worked by hand. */
const GRADES: readonly (readonly [
  family: string,
  prompt: string,
  grades: readonly (readonly [response: string, score: number])[],
])[] = [
  [
    "reverse_letters",
    "reverse the letters : a b c d", // d c b a
    [
      ["d c b a", 5],
      ["d c b x", 4], // one of four edited: similarity 3/4, length right
      ["d c a b", 3], // two edits of four: 1/2
      ["a b c d", 2], // four edits
      ["d c b", 3], // 3/4 but too short
      ["d c b a a", 3], // 4/5 but too long
      ["d x", 1], // three edits of four, too short
      ["d c b a and that is all of it", 0], // words are no letters
      ["d c b a d c b a d", 0], // more than twice as long
      ["tac", 0],
    ],
  ],
  [
    "sort_letters",
    "sort the letters : c b a", // a b c
    [
      ["a b c", 5],
      ["a b x", 3], // 2/3
      ["b a c", 2], // two edits of three: 1/3
      ["a b", 2], // kind, 2/3, too short
      ["1 2 3", 0],
    ],
  ],
  [
    "capital_letters",
    "use capitals for c a t", // C A T
    [
      ["C A T", 5],
      ["C A P", 3],
      ["c a t", 0],
      ["C a T", 0],
    ],
  ],
  [
    "drop_vowels",
    "remove the vowels : b e a n s", // b n s
    [
      ["b n s", 5],
      ["b e n s", 3], // one insertion of four, length wrong
      ["b e a n s", 2], // 3/5, length wrong
      ["b n", 2],
      ["bean", 0],
    ],
  ],
  [
    "double_letters",
    "double c a t", // c c a a t t
    [
      ["c c a a t t", 5],
      ["c c a a t", 3], // 5/6, too short
      ["c c a a t x", 4], // 5/6
      ["c a t", 2], // 3/6, too short
      ["c a", 1],
    ],
  ],
  [
    "next_letters",
    "what 4 letters follow d", // e f g h
    [
      ["e f g h", 5],
      ["d e f g", 3], // shifted by one: two edits of four
      ["e f g", 3],
      ["e f g h i", 3],
      ["a b c d", 2],
      ["4", 0],
    ],
  ],
  [
    "start_kind",
    "does e g g start with vowel or consonant",
    [
      ["vowel", 5],
      ["consonant", 2],
      ["vowel vowel", 2], // kind and 1/2
      ["consonant consonant", 1],
      ["vowel vowel vowel", 0],
      ["e", 0],
    ],
  ],
  [
    "sort_digits",
    "sort the digits : 4 3 2 1", // 1 2 3 4
    [
      ["1 2 3 4", 5],
      ["1 2 3 5", 4],
      ["1 3 2 4", 3],
      ["4 3 2 1", 2],
      ["one two three four", 0],
    ],
  ],
  [
    "largest_digit",
    "give the maximum : 2 7 5",
    [
      ["7", 5],
      ["8", 4],
      ["6", 4],
      ["5", 3],
      ["4", 3],
      ["2", 2],
      ["7 7", 2],
      ["5 5", 1],
      ["seven", 0],
    ],
  ],
  [
    "smallest_digit",
    "give the minimum : 2 7 5",
    [
      ["2", 5],
      ["1", 4],
      ["5", 3],
      ["7", 2],
      ["2 5 7", 0],
    ],
  ],
  [
    "next_number",
    "add one : 3 4 9", // 3 5 0
    [
      ["3 5 0", 5],
      ["3 5 1", 3],
      ["3 4 9", 2],
      ["3 4 1 0", 2], // 1/2, too long
      ["cat", 0],
    ],
  ],
  [
    "spell_digits",
    "spell out 4 0 7",
    [
      ["four zero seven", 5],
      ["four one seven", 3],
      ["four seven", 2],
      ["4 0 7", 0],
    ],
  ],
  [
    "even_odd",
    "is 4 7 even or odd",
    [
      ["odd", 5],
      ["even", 2],
      ["4 7", 0],
      ["odd because it is so", 0],
    ],
  ],
  [
    "compare_numbers",
    "is 4 7 more or less than 3 9",
    [
      ["more", 5],
      ["less", 2],
      ["more than", 0],
    ],
  ],
  [
    "first_letters",
    "write the first letters of dog cat pig cow", // d c p c
    [
      ["d c p c", 5],
      ["d c p", 3],
      ["d c p x", 4],
      ["dog cat pig cow", 0],
    ],
  ],
  [
    "last_letter",
    "give the last letter : horse",
    [
      ["e", 5],
      ["f", 2], // letters have no nearness here
      ["e e", 2],
      ["s s", 1],
      ["horse", 0],
    ],
  ],
  [
    "repeat_word",
    "repeat cat 4 times",
    [
      ["cat cat cat cat", 5],
      ["cat cat cat", 3], // 3/4, too short
      ["cat cat cat cat cat", 3], // 4/5, too long
      ["cat cat cat dog", 4],
      ["cat", 1], // 1/4
      ["4 4 4 4", 0],
    ],
  ],
  [
    "swap_ends",
    "swap the ends of red cat dog", // dog cat red
    [
      ["dog cat red", 5],
      ["dog cat cow", 3],
      ["red cat dog", 2],
      ["dog cat the", 3], // a word the prompt names is a word
      ["dog cat about", 0], // no thing of the world, not in the prompt
    ],
  ],
  [
    "pick_kind",
    "pick the animal : table dog apple",
    [
      ["dog", 5],
      ["table", 2],
      ["dog table", 2],
      ["table apple", 1],
      ["cat", 0], // not in the list
    ],
  ],
  [
    "kind_of",
    "what kind of thing is hammer",
    [
      ["tool", 5],
      ["animal", 2],
      ["hammer", 0],
    ],
  ],
  [
    "is_a",
    "is cat some kind of animal",
    [
      ["yes", 5],
      ["no", 2],
      ["yes no", 2],
      ["no no", 1],
      ["animal", 0],
    ],
  ],
  [
    "opposite",
    "what is the opposite of hot",
    [
      ["cold", 5],
      ["small", 2],
      ["hot", 2],
      ["cat", 0],
    ],
  ],
  [
    "colour",
    "what colour is snow",
    [
      ["white", 5],
      ["black", 2],
      ["snow", 0],
      ["white snow", 0],
    ],
  ],
  [
    "animal_facts",
    "name the baby of cat",
    [
      ["kitten", 5],
      ["puppy", 2],
      ["meow", 0], // a sound is no baby
      ["kitten puppy", 2],
    ],
  ],
];

describe("verify", () => {
  it("has hand-worked grades for every family", () => {
    expect(GRADES.map(([family]) => family)).toEqual(
      FAMILIES.map(({ name }) => name),
    );
  });

  it.each(GRADES)("grades %s: %s", (family, prompt, grades) => {
    const task = taskOf(prompt);
    expect(task.family).toBe(family);
    for (const [response, score] of grades)
      expect([response, verify(task, response, { finished: true })]).toEqual([
        response,
        { score, correct: score === 5 },
      ]);
  });

  it("gives nothing for an unfinished answer, even with the right text", () => {
    const task = taskOf("what colour is snow");
    expect(verify(task, "white", { finished: false })).toEqual({
      score: 0,
      correct: false,
    });
  });

  it("gives nothing for an empty answer", () => {
    const task = taskOf("what colour is snow");
    for (const response of ["", "   "])
      expect(verify(task, response, { finished: true }).score).toBe(0);
  });

  it("does not mind white space around tokens", () => {
    const task = taskOf("double a b");
    expect(verify(task, " a a  b b\n", { finished: true }).correct).toBe(true);
  });

  it("never pays for text after the right answer", () => {
    for (const [, prompt] of GRADES) {
      const task = taskOf(prompt);
      const last = task.answer.split(" ").at(-1) as string;
      const longer = verify(task, `${task.answer} ${last}`, { finished: true });
      expect(longer.score, prompt).toBeLessThanOrEqual(3);
    }
  });
});

describe("editDistance", () => {
  it.each([
    ["", "", 0],
    ["k i t t e n", "s i t t i n g", 3],
    ["a b", "b a", 2],
    ["a b c", "b c", 1],
  ])("between %j and %j is %i", (left, right, distance) => {
    expect(editDistance(left.split(" "), right.split(" "))).toBe(distance);
  });
});
