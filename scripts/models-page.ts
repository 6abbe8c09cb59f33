/**
 * @file docs/models.md, written from the table that the parity tests run over.
 */
import {
  ASPECTS,
  FAMILY_CASES,
  type Aspect,
  type AspectName,
  type FamilyCase,
} from "../test/golden/family-cases.js";

const ASPECT_NAMES = Object.keys(ASPECTS) as AspectName[];

export function renderModelsPage(): string {
  return `# Models

<!-- Written by \`npm run docs\` from test/golden/family-cases.ts; a test keeps it fresh. -->

Which families of models the embedded engine runs and trains, and how closely each was
held against the real \`transformers\`, PEFT and llama.cpp. The tests named below run
over the very table this page is written from: a mark without its test does not exist.

Each family is tried on a tiny model with random weights that \`transformers\` made and
that switches on what the family can have
([test/fixtures/checkpoints/README.md](../test/fixtures/checkpoints/README.md)). The same
code runs a model of any size; that a large one fits into memory is not claimed here.
A field of \`config.json\` that is not understood is an error that names it, and a model
that is to be trained with dropout is not trained.

An answer ends at the end tokens of \`config.json\`, \`generation_config.json\` and the
tokenizer together. Sampling is what options and recipes say: temperature and cut-offs of
\`generation_config.json\` are not read, and what else it asks for (a repetition penalty,
suppressed tokens) is not applied; \`generate\` says so.

${familyTable()}

${notes()}

## What a mark means

${aspectTable()}

Everything is computed in float32. All but llama.cpp's answers is held against committed
numbers, in the default tests, without Python or network; \`npm run test:peers\` makes the
numbers anew with the installed packages and runs llama.cpp.

## What each fixture switches on

${table(
  ["Family", "`model_type`", "Switched on", "Fixture"],
  FAMILY_CASES.map(({ family, modelType, switchedOn, fixture }) => [
    family,
    `\`${modelType}\``,
    switchedOn,
    `\`${fixture}\``,
  ]),
)}
`;
}

function familyTable(): string {
  return table(
    ["Family", ...ASPECT_NAMES.map((name) => ASPECTS[name].title)],
    FAMILY_CASES.map((each) => [
      each.family,
      ...ASPECT_NAMES.map((name) => mark(each, name)),
    ]),
  );
}

function mark({ except, stored }: FamilyCase, name: AspectName): string {
  const reason = except[name];
  if (reason !== undefined) return `– [${noteNumber(reason)}](#exceptions)`;
  if (name !== "files") return "✓";
  const { format, shards } = stored;
  return shards === 1 ? format : `${format}, ${shards} shards`;
}

const REASONS = [
  ...new Set(
    ASPECT_NAMES.flatMap((name) =>
      FAMILY_CASES.flatMap(({ except }) => except[name] ?? []),
    ),
  ),
];

function noteNumber(reason: string): number {
  return REASONS.indexOf(reason) + 1;
}

function notes(): string {
  return `### Exceptions\n\n${REASONS.map((reason, i) => `${i + 1}. ${reason}`).join("\n")}`;
}

function aspectTable(): string {
  return table(
    ["Column", "What is compared", "Tests"],
    ASPECT_NAMES.map((name) => {
      const { title, claim, tests }: Aspect = ASPECTS[name];
      return [title, claim, tests.map((test) => `\`${test}\``).join(", ")];
    }),
  );
}

function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join(
    "\n",
  );
}
