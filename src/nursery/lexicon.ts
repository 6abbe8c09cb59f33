/**
 * @file The small facts of the nursery world: what things are, their colours,
 * opposites, and what the young, the sound and the home of an animal are called.
 *
 * Invariants (tested): every word is one lower-case token; a thing has one kind;
 * a word stands in at most one pair of opposites; the answers of the three animal
 * relations do not overlap, so an answer names its relation. Order is frozen:
 * token ids of the shipped base model follow from it.
 */

const split = (words: string): readonly string[] => words.split(" ");

/** Things by kind. The keys are the labels of the `kind_of` family. */
export const THINGS_BY_KIND = {
  animal: split(
    "cat dog cow horse pig sheep goat lion tiger bear wolf fox mouse rabbit frog monkey elephant deer duck hen owl crow goose swan",
  ),
  fruit: split(
    "apple pear plum grape lemon peach cherry banana melon mango fig kiwi",
  ),
  vegetable: split(
    "carrot onion potato bean pea corn cabbage leek radish turnip garlic spinach",
  ),
  drink: split("water milk tea coffee juice wine beer soda"),
  tool: split("hammer saw knife axe drill rake spade wrench pliers shovel"),
  clothing: split(
    "hat coat shirt shoe sock glove scarf dress belt boot skirt jacket",
  ),
  vehicle: split("car bus train bike boat ship truck plane van tram"),
  furniture: split("table chair bed sofa desk shelf bench stool"),
  body: split("hand foot arm leg nose ear eye mouth head knee neck finger"),
  colour: split("red blue green yellow brown black white pink grey purple"),
  metal: split("gold silver iron copper tin steel"),
  country: split("france spain italy china japan india egypt brazil"),
} as const satisfies Record<string, readonly string[]>;

export type WordKind = keyof typeof THINGS_BY_KIND;

export const KINDS = Object.keys(THINGS_BY_KIND) as readonly WordKind[];

/** Every thing of the world, grouped by kind. */
export const THINGS: readonly string[] = Object.values(THINGS_BY_KIND).flat();

const KIND_BY_THING: ReadonlyMap<string, WordKind> = new Map(
  KINDS.flatMap((kind) =>
    THINGS_BY_KIND[kind].map((thing): [string, WordKind] => [thing, kind]),
  ),
);

/** The kind of a thing, or undefined for any other word. */
export function wordKindOf(word: string): WordKind | undefined {
  return KIND_BY_THING.get(word);
}

const OPPOSITE_PAIRS: readonly (readonly string[])[] = [
  "hot cold",
  "big small",
  "fast slow",
  "up down",
  "good bad",
  "happy sad",
  "day night",
  "open closed",
  "full empty",
  "hard soft",
  "heavy light",
  "dark bright",
  "old new",
  "rich poor",
  "strong weak",
  "loud quiet",
  "wet dry",
  "clean dirty",
  "long short",
  "wide narrow",
  "thick thin",
  "early late",
  "near far",
  "over under",
  "win lose",
  "buy sell",
  "push pull",
  "love hate",
  "king queen",
  "boy girl",
  "man woman",
  "brother sister",
  "summer winter",
  "north south",
  "east west",
  "true false",
].map(split);

/** Both directions of every pair. */
export const OPPOSITES: ReadonlyMap<string, string> = new Map(
  OPPOSITE_PAIRS.flatMap(([left = "", right = ""]): [string, string][] => [
    [left, right],
    [right, left],
  ]),
);

const pairs = (lines: readonly string[]): ReadonlyMap<string, string> =>
  new Map(
    lines
      .map(split)
      .map(([key = "", value = ""]): [string, string] => [key, value]),
  );

/** Thing → its usual colour (one of the things of kind `colour`). */
export const COLOURS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    red: "blood cherry rose fire tomato radish",
    blue: "sky sea rain jeans",
    green: "grass leaf frog pea cabbage kiwi spinach",
    yellow: "sun banana lemon corn butter cheese gold",
    brown: "wood mud bear coffee potato bread",
    black: "coal crow ink oil",
    white: "snow milk cloud salt swan sheep bone rice",
    pink: "pig salmon tongue flamingo",
    grey: "stone smoke elephant mouse silver steel",
    purple: "plum grape violet eggplant",
  }).flatMap(([colour, things]) =>
    split(things).map((thing): [string, string] => [thing, colour]),
  ),
);

/** What is told of an animal, by relation. */
export const ANIMAL_FACTS = {
  young: pairs([
    "cat kitten",
    "dog puppy",
    "cow calf",
    "horse foal",
    "pig piglet",
    "sheep lamb",
    "goat kid",
    "lion cub",
    "duck duckling",
    "hen chick",
    "goose gosling",
    "swan cygnet",
    "owl owlet",
    "frog tadpole",
    "deer fawn",
    "rabbit bunny",
  ]),
  sound: pairs([
    "cat meow",
    "dog bark",
    "cow moo",
    "horse neigh",
    "pig oink",
    "sheep baa",
    "goat bleat",
    "lion roar",
    "wolf howl",
    "duck quack",
    "hen cluck",
    "crow caw",
    "owl hoot",
    "frog croak",
    "mouse squeak",
    "goose honk",
    "bear growl",
    "monkey chatter",
  ]),
  home: pairs([
    "dog kennel",
    "horse stable",
    "pig sty",
    "lion den",
    "cow barn",
    "rabbit burrow",
    "hen coop",
    "crow nest",
    "bear cave",
    "frog pond",
    "mouse hole",
    "monkey tree",
    "sheep meadow",
    "deer forest",
  ]),
} as const satisfies Record<string, ReadonlyMap<string, string>>;

export type AnimalRelation = keyof typeof ANIMAL_FACTS;

export const ANIMAL_RELATIONS = Object.keys(
  ANIMAL_FACTS,
) as readonly AnimalRelation[];

export const LETTERS: readonly string[] = [..."abcdefghijklmnopqrstuvwxyz"];
export const CAPITALS: readonly string[] = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"];
export const DIGITS: readonly string[] = [..."0123456789"];
export const VOWELS: readonly string[] = [..."aeiou"];
export const CONSONANTS: readonly string[] = LETTERS.filter(
  (letter) => !VOWELS.includes(letter),
);

/** Word of each digit; the index is the digit. */
export const DIGIT_WORDS: readonly string[] = split(
  "zero one two three four five six seven eight nine",
);

/** People who write statements in the raw text. */
export const NAMES: readonly string[] = split(
  "mia tom ana ben eva leo zoe max ida sam lily noah",
);
