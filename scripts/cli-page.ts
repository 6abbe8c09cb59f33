/**
 * @file The option tables → `docs/cli.md`.
 *
 * The page is made from what the parser uses, so it cannot promise an option that
 * does not exist. `npm run docs` writes it; a test compares it.
 */
import type { ErrorCode } from "../src/foundation/error.js";
import { EXIT_CODES } from "../src/foundation/error.js";
import type {
  CommandDefinition,
  OptionDefinition,
} from "../src/cli/command.js";
import { COMMON_OPTIONS, describeNumber, flagOf } from "../src/cli/command.js";

/** What each exit code means to whoever called the program. */
const EXIT_MEANINGS: Readonly<Record<ErrorCode, string>> = {
  USAGE: "An option, an argument or a recipe key is wrong",
  BAD_INPUT: "An input file is missing, unreadable or malformed",
  BAD_CHECKPOINT:
    "A checkpoint, its tokenizer or its configuration is unusable",
  STORAGE: "The disk is full, read-only, or a file cannot be written",
  LEDGER: "The run folder contradicts what is asked of it",
  NUMERIC: "A number left its domain: NaN weights, a diverged loss",
  GATE: "The judge is too weak to start the loop, or a data set came out empty; a run that its stop rule ends is done: 0",
  ENDPOINT: "A model endpoint refused, failed or answered nonsense",
  BUDGET: "A limit on money, tokens or requests was reached",
  IMBALANCE: "The counts of a stage do not balance; do not trust the run",
  DEVICE: "The device asked for is not available on this machine",
  JOB: "A job of a launcher (`local`, Slurm, Ray) was refused, failed, was lost, or never started",
  INTERRUPTED: "Stopped by Ctrl-C; the message says how to go on",
};

/** The whole page, Markdown. */
export function renderReference(
  commands: readonly CommandDefinition[],
): string {
  return `${[
    "# The command line",
    "<!-- Made by `npm run docs` from src/cli/commands; do not edit by hand. -->",
    "Every command prints its result on standard output and everything else (progress, remarks, errors) on standard error. `autodidact COMMAND --help` shows what is on this page for one command. What may stand in a recipe is in [recipes.md](recipes.md).",
    table(
      ["Command", "What it does"],
      commands.map(({ name, summary }) => [
        `[\`${name}\`](#autodidact-${name.replaceAll(" ", "-")})`,
        summary,
      ]),
    ),
    ...commands.map(renderCommand),
    "## Options of every command",
    optionTable(COMMON_OPTIONS),
    "## Exit codes",
    table(
      ["Code", "Name", "Meaning"],
      [
        ["0", "", "Done"],
        ["1", "", "A bug in autodidact; `--verbose` shows where"],
        ...Object.entries(EXIT_MEANINGS).map(([code, meaning]) => [
          String(EXIT_CODES[code as ErrorCode]),
          `\`${code}\``,
          meaning,
        ]),
      ],
    ),
  ].join("\n\n")}\n`;
}

function renderCommand(definition: CommandDefinition): string {
  const { name, summary, description, options } = definition;
  const examples = Object.entries(definition.examples);
  const parts = [
    `## autodidact ${name}`,
    description ?? `${summary}.`,
    `\`\`\`text\n${usageLine(definition)}\n\`\`\``,
  ];
  const argumentRows = Object.values(definition.arguments).map((argument) => [
    `\`${argument.placeholder}\``,
    argument.description + (argument.required ? " (required)" : ""),
  ]);
  if (argumentRows.length > 0) {
    parts.push(table(["Argument", "Meaning"], argumentRows));
  }
  if (Object.keys(options).length > 0) parts.push(optionTable(options));
  if (examples.length > 0) {
    parts.push(
      examples
        .map(([line, does]) => `${does}:\n\n\`\`\`sh\n${line}\n\`\`\``)
        .join("\n\n"),
    );
  }
  return parts.join("\n\n");
}

function usageLine(definition: CommandDefinition): string {
  const required = Object.entries(definition.options)
    .filter(([, option]) => "required" in option && option.required)
    .map(([key, option]) => `${flagOf(key, option)} ${valueOf(option)}`);
  const positional = Object.values(definition.arguments).map((argument) => {
    const inner = `${argument.placeholder}${argument.many ? "..." : ""}`;
    return argument.required ? inner : `[${inner}]`;
  });
  return [
    "autodidact",
    definition.name,
    ...positional,
    ...required,
    "[options]",
  ].join(" ");
}

function optionTable(
  options: Readonly<Record<string, OptionDefinition>>,
): string {
  return table(
    ["Option", "Meaning", "Default"],
    Object.entries(options).map(([key, option]) => [
      `\`${[flagOf(key, option), valueOf(option)].join(" ").trim()}\``,
      option.description + limits(option),
      defaultOf(option),
    ]),
  );
}

function valueOf(option: OptionDefinition): string {
  switch (option.kind) {
    case "flag":
      return "";
    case "choice":
      return option.choices.join("|");
    case "list":
      return `${option.placeholder}`;
    default:
      return option.placeholder;
  }
}

function limits(option: OptionDefinition): string {
  if (option.kind === "list") return " (may be repeated)";
  if (option.kind !== "number") return "";
  const plain = option.min === undefined && option.max === undefined;
  return plain && !option.integer ? "" : `; ${describeNumber(option)}`;
}

function defaultOf(option: OptionDefinition): string {
  if (option.kind === "flag" || option.kind === "list") return "";
  if (option.required) return "required";
  return option.default === undefined ? "" : `\`${option.default}\``;
}

function table(
  header: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(header), line(header.map(() => "---")), ...rows.map(line)].join(
    "\n",
  );
}
