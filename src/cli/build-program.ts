/**
 * @file Command tables → a commander program.
 *
 * Commander parses and writes the help; it never prints by itself on errors and
 * never exits, because `run-cli.ts` owns both. Values reach a command checked:
 * numbers are finite and in range, choices are one of the list.
 */
import { Command, CommanderError, Option } from "commander";
import { AutodidactError } from "../foundation/error.js";
import { nearestKey } from "../text/nearest-key.js";
import type { CommandDefinition, OptionDefinition } from "./command.js";
import { COMMON_OPTIONS, describeNumber, flagOf } from "./command.js";
import { checkCommandName, usageError } from "./usage-error.js";

export interface ProgramParts {
  readonly commands: readonly CommandDefinition[];
  /** First words that only group commands, with a summary each. */
  readonly groups: Readonly<Record<string, string>>;
  readonly version: string;
  readonly writeHelp: (text: string) => void;
  /** Called with the command that was asked for, its checked values, and which were given. */
  readonly onCommand: (
    definition: CommandDefinition,
    values: Readonly<Record<string, unknown>>,
    given: ReadonlySet<string>,
  ) => Promise<void>;
}

const SUMMARY =
  "Teaches a language model to follow instructions with its own output.";

/** Parses `argv` (without node and script) and runs what it asks for. @throws USAGE */
export async function runProgram(
  parts: ProgramParts,
  argv: readonly string[],
): Promise<void> {
  const program = new Command("autodidact")
    .description(SUMMARY)
    .version(parts.version, "-V, --version", "Print the version")
    .helpOption("-h, --help", "Show this help")
    .helpCommand(false)
    .showSuggestionAfterError(false)
    .configureOutput({
      writeOut: parts.writeHelp,
      writeErr: () => undefined,
    })
    .exitOverride();
  const groups = new Map<string, Command>();
  for (const definition of parts.commands) {
    addCommand(parentOf(definition, { program, groups, parts }), {
      definition,
      onCommand: parts.onCommand,
    });
  }
  if (argv.length === 0) {
    program.outputHelp();
    return;
  }
  const definition = checkCommandName(argv, parts.commands);
  try {
    await program.parseAsync([...argv], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Help and version were asked for and have been printed.
    if (error.exitCode === 0) return;
    throw usageError(error, definition, argv);
  }
}

function parentOf(
  definition: CommandDefinition,
  tree: {
    readonly program: Command;
    readonly groups: Map<string, Command>;
    readonly parts: ProgramParts;
  },
): Command {
  const [first = "", second] = definition.name.split(" ");
  if (second === undefined) return tree.program;
  const known = tree.groups.get(first);
  if (known !== undefined) return known;
  const group = tree.program
    .command(first)
    .description(tree.parts.groups[first] ?? "");
  tree.groups.set(first, group);
  return group;
}

function addCommand(
  parent: Command,
  {
    definition,
    onCommand,
  }: {
    readonly definition: CommandDefinition;
    readonly onCommand: ProgramParts["onCommand"];
  },
): void {
  const command = parent
    .command(definition.name.split(" ").at(-1) ?? definition.name)
    .summary(definition.summary)
    .description(definition.description ?? `${definition.summary}.`);
  const argumentKeys = Object.keys(definition.arguments);
  for (const argument of Object.values(definition.arguments)) {
    const inner = `${argument.placeholder}${argument.many ? "..." : ""}`;
    command.argument(
      argument.required ? `<${inner}>` : `[${inner}]`,
      argument.description,
    );
  }
  const options = { ...definition.options, ...COMMON_OPTIONS };
  for (const [key, option] of Object.entries(options)) {
    command.addOption(commanderOption(key, option));
  }
  command.addHelpText("after", () => formatExamples(definition));
  command.action(async () => {
    const parsed: Record<string, unknown> = command.opts();
    const values: Record<string, unknown> = {};
    argumentKeys.forEach((key, index) => {
      values[key] = command.processedArgs[index] as unknown;
    });
    for (const [key, option] of Object.entries(options)) {
      values[key] = parsed[key] ?? emptyValue(option);
    }
    const given = Object.keys(options).filter(
      (key) => command.getOptionValueSource(key) === "cli",
    );
    await onCommand(definition, values, new Set(given));
  });
}

function emptyValue(option: OptionDefinition): unknown {
  if (option.kind === "flag") return false;
  return option.kind === "list" ? [] : undefined;
}

function commanderOption(key: string, definition: OptionDefinition): Option {
  const flag = flagOf(key, definition);
  if (definition.kind === "flag") {
    return new Option(flag, definition.description);
  }
  const placeholder =
    definition.kind === "choice"
      ? definition.choices.join("|")
      : definition.placeholder;
  const option = new Option(`${flag} <${placeholder}>`, definition.description);
  if (definition.kind === "list") {
    return option.argParser((text: string, previous?: readonly string[]) => [
      ...(previous ?? []),
      text,
    ]);
  }
  if (definition.default !== undefined) option.default(definition.default);
  if (definition.required) option.makeOptionMandatory();
  if (definition.kind === "number") {
    option.argParser((text: string) => parseNumber(text, flag, definition));
  } else if (definition.kind === "choice") {
    option.argParser((text: string) => parseChoice(text, flag, definition));
  }
  return option;
}

function parseNumber(
  text: string,
  flag: string,
  definition: Extract<OptionDefinition, { kind: "number" }>,
): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  const { integer, min = -Infinity, max = Infinity } = definition;
  const fits =
    Number.isFinite(value) &&
    value >= min &&
    value <= max &&
    (integer !== true || Number.isSafeInteger(value));
  if (fits) return value;
  throw badValue(flag, text, describeNumber(definition));
}

function parseChoice(
  text: string,
  flag: string,
  definition: Extract<OptionDefinition, { kind: "choice" }>,
): string {
  const { choices } = definition;
  if (choices.includes(text)) return text;
  const nearest = nearestKey(text, choices);
  throw badValue(
    flag,
    text,
    `one of ${choices.join(", ")}`,
    nearest === undefined ? "" : ` Did you mean "${nearest}"?`,
  );
}

function badValue(
  flag: string,
  got: string,
  expected: string,
  hint = "",
): AutodidactError {
  return new AutodidactError(
    "USAGE",
    `${flag} expects ${expected}, got "${got}".${hint}`,
    { option: flag, expected, got },
  );
}

function formatExamples(definition: CommandDefinition): string {
  const lines = Object.entries(definition.examples).map(
    ([line, does]) => `  ${line}\n      ${does}`,
  );
  return lines.length === 0 ? "" : `\nExamples:\n${lines.join("\n")}`;
}
