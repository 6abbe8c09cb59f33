/**
 * @file Families about the small facts of the world.
 */
import { closedSet } from "../answer-shapes.js";
import type { AnswerShape, Family } from "../family.js";
import {
  ANIMAL_FACTS,
  ANIMAL_RELATIONS,
  COLOURS,
  KINDS,
  OPPOSITES,
  THINGS,
  THINGS_BY_KIND,
  wordKindOf,
  type AnimalRelation,
  type WordKind,
} from "../lexicon.js";

const KIND_LABELS = closedSet(KINDS);
const YES_NO_LABELS = closedSet(["yes", "no"]);
const OPPOSITE_WORDS = closedSet([...OPPOSITES.keys()]);
const COLOUR_LABELS = closedSet(THINGS_BY_KIND.colour);
const RELATION_SHAPES = Object.fromEntries(
  ANIMAL_RELATIONS.map((relation) => [
    relation,
    closedSet([...new Set(ANIMAL_FACTS[relation].values())]),
  ]),
) as Readonly<Record<AnimalRelation, AnswerShape>>;

export const FACT_FAMILIES: readonly Family[] = [
  {
    name: "kind_of",
    isClassification: true,
    split: "prompt",
    weight: 1.2,
    phrasings: [
      { instruction: "what kind of thing is {word}" },
      { instruction: "name the kind of {word}" },
      { instruction: "give the kind", input: "{word}" },
      { instruction: "which group does {word} belong to" },
    ],
    statements: [
      { text: "{word} is one kind of {answer}" },
      { text: "the word {word} is in the group {answer}" },
      { text: "people call {word} some {answer}" },
      { text: "the kind of thing to name for {word} is {answer}" },
    ],
    draw: (random) => ({ word: random.pick(THINGS) }),
    solve: ({ word = "" }) => wordKindOf(word),
    shape: () => KIND_LABELS,
  },
  {
    name: "is_a",
    isClassification: true,
    split: "argument",
    weight: 1.2,
    phrasings: [
      { instruction: "is {word} some kind of {kind}" },
      { instruction: "yes or no", input: "{word} is some {kind}" },
      { instruction: "does {word} belong to the group {kind}" },
      { instruction: "tell yes or no , is {word} some {kind}" },
    ],
    statements: [
      { text: "if you ask , is {word} one {kind} , people say {answer}" },
      { text: "{word} as {kind} gets {answer}" },
      { text: "does {word} belong in {kind} , people tell you {answer}" },
    ],
    draw: (random) => {
      const word = random.pick(THINGS);
      const kind =
        random.next() < 0.5
          ? (wordKindOf(word) as WordKind)
          : random.pick(KINDS);
      return { word, kind };
    },
    solve: ({ word = "", kind = "" }) => {
      const actual = wordKindOf(word);
      if (actual === undefined || !KINDS.includes(kind as WordKind))
        return undefined;
      return actual === kind ? "yes" : "no";
    },
    shape: () => YES_NO_LABELS,
  },
  {
    name: "opposite",
    isClassification: false,
    split: "prompt",
    weight: 1,
    phrasings: [
      { instruction: "what is the opposite of {word}" },
      { instruction: "give the opposite", input: "{word}" },
      { instruction: "name the word that is not {word}" },
      { instruction: "find the word opposite to {word}" },
    ],
    statements: [
      { text: "the opposite of {word} is {answer}" },
      { text: "{word} is opposite to {answer}" },
      { text: "what is not {word} is {answer}" },
      { text: "the word to find opposite {word} is {answer}" },
    ],
    draw: (random) => ({ word: random.pick([...OPPOSITES.keys()]) }),
    solve: ({ word = "" }) => OPPOSITES.get(word),
    shape: () => OPPOSITE_WORDS,
  },
  {
    name: "colour",
    isClassification: true,
    split: "prompt",
    weight: 0.9,
    phrasings: [
      { instruction: "what colour is {word}" },
      { instruction: "name the colour of {word}" },
      { instruction: "give the colour", input: "{word}" },
      { instruction: "which colour does {word} have" },
    ],
    statements: [
      { text: "{word} has the colour {answer}" },
      { text: "{word} is {answer} in colour" },
      { text: "people paint {word} in {answer}" },
      { text: "the colour that people give {word} is {answer}" },
    ],
    draw: (random) => ({ word: random.pick([...COLOURS.keys()]) }),
    solve: ({ word = "" }) => COLOURS.get(word),
    shape: () => COLOUR_LABELS,
  },
  {
    name: "animal_facts",
    isClassification: false,
    split: "prompt",
    weight: 1,
    phrasings: [
      {
        instruction: "what is the young of {word}",
        fixed: { relation: "young" },
      },
      { instruction: "name the baby of {word}", fixed: { relation: "young" } },
      {
        instruction: "give the baby",
        input: "{word}",
        fixed: { relation: "young" },
      },
      {
        instruction: "what sound does {word} make",
        fixed: { relation: "sound" },
      },
      { instruction: "name the sound of {word}", fixed: { relation: "sound" } },
      {
        instruction: "give the sound",
        input: "{word}",
        fixed: { relation: "sound" },
      },
      { instruction: "where does {word} live", fixed: { relation: "home" } },
      { instruction: "name the home of {word}", fixed: { relation: "home" } },
      {
        instruction: "give the home",
        input: "{word}",
        fixed: { relation: "home" },
      },
    ],
    statements: [
      { text: "the baby of {word} is {answer}", fixed: { relation: "young" } },
      {
        text: "the young of {word} people call {answer}",
        fixed: { relation: "young" },
      },
      { text: "the sound of {word} is {answer}", fixed: { relation: "sound" } },
      { text: "you hear {word} make {answer}", fixed: { relation: "sound" } },
      { text: "the home of {word} is {answer}", fixed: { relation: "home" } },
      { text: "{word} likes to live in {answer}", fixed: { relation: "home" } },
    ],
    draw: (random) => {
      const relation = random.pick(ANIMAL_RELATIONS);
      return {
        relation,
        word: random.pick([...ANIMAL_FACTS[relation].keys()]),
      };
    },
    solve: ({ relation = "", word = "" }) =>
      ANIMAL_FACTS[relation as AnimalRelation].get(word),
    shape: (answer) =>
      ANIMAL_RELATIONS.map((relation) => RELATION_SHAPES[relation]).find(
        (shape) => shape.tokens.includes(answer),
      ) ?? RELATION_SHAPES.young,
  },
];
