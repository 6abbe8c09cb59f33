/**
 * @file Wrong command lines → one sentence that quotes the word and names the
 * nearest right one.
 */
import type { CommanderError } from "commander";
import { AutodidactError } from "../foundation/error.js";
import { nearestKey } from "../text/nearest-key.js";
import { COMMON_OPTIONS, flagOf, type CommandDefinition } from "./command.js";

/**
 * The command that `argv` names, or `undefined` where it asks for the help or the
 * version of the program or of a group.
 * @throws USAGE unknown command, or a group without its second word
 */
export function checkCommandName(
  argv: readonly string[],
  commands: readonly CommandDefinition[],
): CommandDefinition | undefined {
  const [first = "", second] = argv;
  if (first.startsWith("-")) return undefined;
  const exact = commands.find(({ name }) => name === first);
  if (exact !== undefined) return exact;
  const members = commands
    .filter(({ name }) => name.startsWith(`${first} `))
    .map(({ name }) => name.slice(first.length + 1));
  if (members.length === 0) {
    const firstWords = commands.map(({ name }) => name.split(" ")[0] ?? name);
    throw unknownCommand(first, firstWords, "autodidact");
  }
  if (second === "--help" || second === "-h") return undefined;
  if (second === undefined || second.startsWith("-")) {
    throw new AutodidactError(
      "USAGE",
      `"autodidact ${first}" needs one more word: ${members.join(" or ")}. Run "autodidact ${first} --help" to see what each does.`,
      { group: first, members },
    );
  }
  const member = commands.find(({ name }) => name === `${first} ${second}`);
  if (member === undefined) {
    throw unknownCommand(second, members, `autodidact ${first}`);
  }
  return member;
}

function unknownCommand(
  word: string,
  known: readonly string[],
  parent: string,
): AutodidactError {
  const nearest = nearestKey(word, known);
  return new AutodidactError(
    "USAGE",
    `Unknown command "${word}".${didYouMean(nearest)} Run "${parent} --help" to see all commands.`,
    { command: word, nearest: nearest ?? null },
  );
}

/** Says in our words what commander found wrong on the line `argv` of `definition`. */
export function usageError(
  error: CommanderError,
  definition: CommandDefinition | undefined,
  argv: readonly string[],
): AutodidactError {
  const command =
    definition === undefined ? "autodidact" : `autodidact ${definition.name}`;
  // Commander gives the offending word only inside its message, in quotes.
  const quoted = /'([^']*)'/.exec(error.message)?.[1] ?? "";
  // Commander misses a required option before it looks at the unknown one that was
  // meant for it.
  const mistyped =
    error.code === "commander.missingMandatoryOptionValue"
      ? unknownFlag(argv, definition)
      : undefined;
  const word = mistyped ?? quoted;
  const flag = word.split(" ")[0] ?? word;
  const code = mistyped === undefined ? error.code : "commander.unknownOption";
  const [problem, nearest] = describe(code, {
    word,
    flag,
    definition,
    message: error.message,
  });
  return new AutodidactError(
    "USAGE",
    `${problem}${didYouMean(nearest)} Run "${command} --help" to see what "${command}" takes.`,
    { command, word, nearest: nearest ?? null },
    { cause: error },
  );
}

function describe(
  code: string,
  found: {
    readonly word: string;
    readonly flag: string;
    readonly definition: CommandDefinition | undefined;
    readonly message: string;
  },
): [problem: string, nearest?: string | undefined] {
  const { word, flag, definition, message } = found;
  switch (code) {
    case "commander.unknownOption":
      return [
        `Unknown option "${word}".`,
        definition === undefined
          ? undefined
          : nearestKey(word, flagsOf(definition)),
      ];
    case "commander.optionMissingArgument":
      return [`${flag} needs a value: "${word}".`];
    case "commander.missingMandatoryOptionValue":
      return [`The option "${word}" is required and was not given.`];
    case "commander.missingArgument":
      return [`The argument ${word} is required and was not given.`];
    case "commander.excessArguments":
      return [
        message.replace(
          /^error: too many arguments.*?Expected/,
          "Too many arguments: expected",
        ),
      ];
    default:
      return [`${message.replace(/^error: /, "")}.`];
  }
}

/** The first word that looks like an option and is none of the command's. */
function unknownFlag(
  argv: readonly string[],
  definition: CommandDefinition | undefined,
): string | undefined {
  if (definition === undefined) return undefined;
  const known = new Set(flagsOf(definition));
  return argv
    .filter((word) => word.startsWith("--") && word !== "--")
    .map((word) => word.replace(/=.*$/s, ""))
    .find((flag) => !known.has(flag));
}

function flagsOf(definition: CommandDefinition): string[] {
  const options = { ...definition.options, ...COMMON_OPTIONS };
  return [
    ...Object.entries(options).map(([key, option]) => flagOf(key, option)),
    "--help",
  ];
}

function didYouMean(nearest: string | undefined): string {
  return nearest === undefined ? "" : ` Did you mean "${nearest}"?`;
}
