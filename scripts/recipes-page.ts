/**
 * @file docs/recipes.md, written from the schemas that check a recipe.
 */
import { z } from "zod";
import { selfInstructTrainingSchema } from "../src/recipes/self-instruct.js";
import { instructSettingsSchema } from "../src/recipes/instruct.js";
import { pathKindAt, type KeyPath } from "../src/recipes/schema-keys.js";
import { selfRewardingSchema } from "../src/recipes/self-rewarding.js";

interface RecipeForm {
  readonly title: string;
  readonly text: string;
  readonly schema: z.ZodType;
  /** Groups described elsewhere on the page: key → where. */
  readonly elsewhere: Readonly<Record<string, string>>;
}

const FORMS: readonly RecipeForm[] = [
  {
    title: "The self-rewarding loop",
    text: "Run by `autodidact run`; [recipes/nursery.yaml](../recipes/nursery.yaml) is one. Defaults are those of Self-Rewarding Language Models (arXiv 2401.10020) where it states one.",
    schema: selfRewardingSchema,
    elsewhere: {},
  },
  {
    title: "Self-Instruct with training",
    text: "Run by `autodidact run` when `kind` is `self-instruct`; [recipes/nursery-self-instruct.yaml](../recipes/nursery-self-instruct.yaml) is one.",
    schema: selfInstructTrainingSchema,
    elsewhere: {
      instruct:
        "The keys of [a data set by Self-Instruct](#a-data-set-by-self-instruct), without `name` and `seed`.",
    },
  },
  {
    title: "A data set by Self-Instruct",
    text: "Run by `autodidact instruct`; the same keys stand under `instruct` in a recipe of kind `self-instruct`. Defaults are those of Self-Instruct (arXiv 2212.10560).",
    schema: instructSettingsSchema,
    elsewhere: {},
  },
];

/** The whole page, Markdown. */
export function renderRecipesPage(): string {
  return `${[
    "# Recipes",
    "<!-- Made by `npm run docs` from the schemas of the recipes; do not edit by hand. -->",
    "A recipe is a YAML file with the keys below; `name`, the files and a few numbers must be said, everything else has a default. A key that is not on this page is an error that names the nearest one.",
    "**Paths are relative to the folder of the recipe file**, not to the current folder, so a recipe can be run from anywhere, and one that is copied elsewhere needs its paths mended. `autodidact run NAME` runs a bundled recipe where it lies. A model may also be a Hub id, `owner/name` or `owner/name@revision`.",
    ...FORMS.map(renderForm),
    ARMS,
  ].join("\n\n")}\n`;
}

const ARMS = `## Arms and seeds

An arm takes the recipe and changes the keys it names, in the groups they have there;
what it does not name stays equal. Beside the groups it has a \`name\`, a \`note\` for the
report, \`seeds\` of its own, and three short keys: \`source\` (judge.source), \`mode\`
(preference.mode) and \`learningRate\` (preference.learningRate). \`seeds\` alone, without arms, runs the recipe with each
seed. Arms of one seed share M1, unless an arm changes what M1 depends on (base, data,
teaching, the rubric or the prompt template): it then trains one of its own. A list is
replaced whole.

\`\`\`yaml
seeds: [1, 2, 3]
arms:
  - { name: dpo }
  - { name: ipo, preference: { loss: ipo, beta: 0.5 } }
  - { name: random, source: random, seeds: [1] }
\`\`\``;

function renderForm(form: RecipeForm): string {
  const root = z.toJSONSchema(form.schema, { io: "input" }) as Node;
  const groups = Object.entries(root.properties ?? {}).filter(
    ([key, node]) =>
      groupOf(node) !== null && form.elsewhere[key] === undefined,
  );
  const names = new Set(groups.map(([key]) => key));
  const top = Object.entries(root.properties ?? {}).filter(
    ([key]) => !names.has(key),
  );
  return [
    `## ${form.title}`,
    form.text,
    table(
      form,
      { properties: Object.fromEntries(top), required: root.required },
      [],
    ),
    ...groups.flatMap(([key, node]) => [
      `### ${form.title}: \`${key}\``,
      ...(node.description === undefined ? [] : [node.description]),
      table(form, groupOf(node) ?? {}, [key]),
    ]),
  ].join("\n\n");
}

/** What is used of JSON Schema. */
interface Node {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Node[];
  readonly oneOf?: readonly Node[];
  readonly items?: Node;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly required?: readonly string[] | undefined;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
}

function table(form: RecipeForm, group: Node, at: KeyPath): string {
  return [
    "| Key | Value | Default | Meaning |",
    "| --- | ----- | ------- | ------- |",
    ...rows(form, group, at, at.length).map(
      (cells) =>
        `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`,
    ),
  ].join("\n");
}

function rows(
  form: RecipeForm,
  group: Node,
  at: KeyPath,
  shown: number,
): string[][] {
  return Object.entries(group.properties ?? {}).flatMap(([key, node]) => {
    const path = [...at, key];
    const elsewhere = at.length === 0 ? form.elsewhere[key] : undefined;
    const below = elsewhere === undefined ? groupsOf(node) : [];
    const required = group.required?.includes(key) ?? false;
    const row = [
      `\`${path.slice(shown).join(".")}\``,
      valueWords(node, pathKindAt(form.schema, path)),
      node.default === undefined
        ? required
          ? "**needed**"
          : ""
        : defaultWords(node.default),
      elsewhere ?? node.description ?? "",
    ];
    return [row, ...below.flatMap((each) => rows(form, each, path, shown))];
  });
}

/** The keys inside a value: of a group, of one that may be null, or of each of its kinds. */
function groupsOf(node: Node): Node[] {
  if (node.properties !== undefined) return [node];
  return [...(node.anyOf ?? []), ...(node.oneOf ?? [])].flatMap(groupsOf);
}

function groupOf(node: Node): Node | null {
  return groupsOf(node)[0] ?? null;
}

function valueWords(node: Node, path: "path" | "model" | undefined): string {
  if (node.oneOf !== undefined) return "keys, by its kind";
  if (node.anyOf !== undefined)
    return node.anyOf.map((each) => valueWords(each, path)).join(", or ");
  if (node.const !== undefined) return code(node.const);
  if (node.enum !== undefined) return node.enum.map(code).join(", ");
  if (path !== undefined && node.type === "string")
    return path === "path" ? "a path" : "a path or a Hub id";
  switch (node.type) {
    case "integer":
      return `whole number${range(node)}`;
    case "number":
      return `number${range(node)}`;
    case "string":
      return "text";
    case "boolean":
      return "`true`, `false`";
    case "array":
      return `list of: ${node.items === undefined ? "anything" : valueWords(node.items, undefined)}`;
    case "null":
      return "`null`";
    default:
      return "keys";
  }
}

function range({ minimum, maximum, exclusiveMinimum }: Node): string {
  const real = (bound: number | undefined): bound is number =>
    bound !== undefined && Math.abs(bound) < Number.MAX_SAFE_INTEGER;
  if (minimum === 0 && maximum === 1) return " from 0 to 1";
  return [
    real(minimum) ? ` ≥ ${minimum}` : "",
    real(exclusiveMinimum) ? ` > ${exclusiveMinimum}` : "",
    real(maximum) ? ` ≤ ${maximum}` : "",
  ].join("");
}

const LONGEST_DEFAULT = 60;

function defaultWords(value: unknown): string {
  const text = JSON.stringify(value);
  if (text === "{}") return "";
  return text.length > LONGEST_DEFAULT ? "a text, see the source" : code(value);
}

function code(value: unknown): string {
  return `\`${typeof value === "string" && !/\s|^$/.test(value) ? value : JSON.stringify(value)}\``;
}
