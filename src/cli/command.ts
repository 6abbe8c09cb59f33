/**
 * @file The contract that each file in `src/cli/commands/` follows.
 *
 * A command is one table: its name, its arguments, its options and what it does.
 * The table drives parsing, `--help` and `docs/cli.md`, and types the values that
 * `run` gets, so the four cannot disagree. A command reads its values, calls
 * functions of the layers below and reports through `CommandIo`; it never touches
 * `process`, and it fails by throwing an `AutodidactError`.
 *
 * Every command also has `--json`, `--quiet`, `--verbose` and `--help`.
 */
import { AutodidactError } from "../foundation/error.js";
import type { CommandIo } from "./io.js";

interface Documented {
  /** Starts with a capital, says units and range, ends without a full stop. */
  readonly description: string;
}

/** On or off. `default: true` turns the option `shuffle` into `--no-shuffle`. */
export interface FlagOption extends Documented {
  readonly kind: "flag";
  readonly default?: true;
}

export interface TextOption extends Documented {
  readonly kind: "text";
  /** What stands for the value in the help: DIR, FILE, TEXT. */
  readonly placeholder: string;
  readonly default?: string;
  readonly required?: true;
}

export interface NumberOption extends Documented {
  readonly kind: "number";
  readonly placeholder: string;
  readonly integer?: true;
  /** Smallest value accepted. */
  readonly min?: number;
  /** Largest value accepted. */
  readonly max?: number;
  readonly default?: number;
  readonly required?: true;
}

export interface ChoiceOption extends Documented {
  readonly kind: "choice";
  readonly choices: readonly string[];
  readonly default?: string;
  readonly required?: true;
}

/** May be given several times; an empty list when it is not given. */
interface ListOption extends Documented {
  readonly kind: "list";
  readonly placeholder: string;
}

export type OptionDefinition =
  FlagOption | TextOption | NumberOption | ChoiceOption | ListOption;

/** A positional argument. Only the last one may be `many`. */
export interface ArgumentDefinition extends Documented {
  readonly placeholder: string;
  readonly required?: true;
  readonly many?: true;
}

/** Keyed by the camel-case name of the value: `runDir` is `--run-dir`. */
export type OptionTable = Readonly<Record<string, OptionDefinition>>;
export type ArgumentTable = Readonly<Record<string, ArgumentDefinition>>;

type Present<D> = D extends { required: true } | { default: unknown }
  ? true
  : false;

type OptionValue<D> = D extends { kind: "flag" }
  ? boolean
  : D extends { kind: "list" }
    ? readonly string[]
    : | (D extends { kind: "number" }
          ? number
          : D extends { choices: readonly (infer C)[] }
            ? C
            : string)
      | (Present<D> extends true ? never : undefined);

type ArgumentValue<D> = D extends { many: true }
  ? readonly string[]
  : string | (Present<D> extends true ? never : undefined);

/** What `run` receives: one typed member for each argument and option. */
export type CommandValues<A extends ArgumentTable, O extends OptionTable> = {
  readonly [K in keyof A]: ArgumentValue<A[K]>;
} & {
  readonly [K in keyof O]: OptionValue<O[K]>;
};

export interface CommandSpecification<
  A extends ArgumentTable,
  O extends OptionTable,
> {
  /** One word, or a group and a word: "run", "train sft". */
  readonly name: string;
  /** One line for the list of commands, no full stop. */
  readonly summary: string;
  /** A paragraph for the command's own help. */
  readonly description?: string;
  readonly arguments?: A;
  readonly options?: O;
  /** Complete command lines, each with a few words on what it does. */
  readonly examples: Readonly<Record<string, string>>;
  /** How to go on after Ctrl-C. Without it: nothing is kept, start again. */
  readonly afterInterrupt?: string;
  /** @param given options that stood on the command line, by key: not those left to their defaults */
  readonly run: (
    values: CommandValues<A, O>,
    io: CommandIo,
    given: ReadonlySet<string>,
  ) => Promise<void>;
}

/** A command with the types of its own values forgotten, as the program holds it. */
export interface CommandDefinition extends Omit<
  CommandSpecification<ArgumentTable, OptionTable>,
  "arguments" | "options" | "run"
> {
  readonly arguments: ArgumentTable;
  readonly options: OptionTable;
  readonly run: (
    values: Readonly<Record<string, unknown>>,
    io: CommandIo,
    given?: ReadonlySet<string>,
  ) => Promise<void>;
}

/** Checks a command's table against its `run` and hands it to the program. */
export function defineCommand<
  const A extends ArgumentTable = Record<never, never>,
  const O extends OptionTable = Record<never, never>,
>(specification: CommandSpecification<A, O>): CommandDefinition {
  return {
    ...specification,
    arguments: specification.arguments ?? {},
    options: specification.options ?? {},
    run: (values, io, given = new Set()) =>
      // The parser made `values` from this very table.
      specification.run(values as CommandValues<A, O>, io, given),
  };
}

/** Options that every command has. */
export const COMMON_OPTIONS = {
  json: {
    kind: "flag",
    description: "Print one JSON document on standard output, nothing else",
  },
  quiet: {
    kind: "flag",
    description: "Show no progress; warnings and errors still appear",
  },
  verbose: {
    kind: "flag",
    description: "Show the stack and the causes of an error",
  },
} as const satisfies Record<string, OptionDefinition>;

/** The flag that sets an option: `runDir` → `--run-dir`, a default-on flag → `--no-…`. */
export function flagOf(key: string, option: OptionDefinition): string {
  const name = key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return option.kind === "flag" && option.default === true
    ? `--no-${name}`
    : `--${name}`;
}

/** "a whole number from 1", "a number from 0 to 1". */
export function describeNumber(definition: NumberOption): string {
  const { integer, min, max } = definition;
  const noun = integer ? "a whole number" : "a number";
  if (min !== undefined && max !== undefined)
    return `${noun} from ${min} to ${max}`;
  if (min !== undefined) return `${noun} of at least ${min}`;
  if (max !== undefined) return `${noun} of at most ${max}`;
  return noun;
}

/**
 * Options of a command that do not go together, or one that is missing.
 * @param option its flag, "--out"
 */
export function misused(
  command: string,
  problem: string,
  option: string,
): AutodidactError {
  return new AutodidactError(
    "USAGE",
    `${problem}. Run "autodidact ${command} --help" to see what it takes.`,
    { option },
  );
}

/** @throws USAGE naming the first option given that does not fit this use of the command */
export function refuseOthers(
  { name, options }: Pick<CommandDefinition, "name" | "options">,
  given: ReadonlySet<string>,
  fits: readonly string[],
  problem: string,
): void {
  const flags = (keep: (key: string) => boolean): string[] =>
    Object.entries(options)
      .filter(([key]) => keep(key))
      .map(([key, option]) => flagOf(key, option));
  const [stray] = flags((key) => given.has(key) && !fits.includes(key));
  if (stray === undefined) return;
  const takes = flags((key) => fits.includes(key)).join(", ");
  throw misused(
    name,
    `${stray} ${problem}. Leave it out; this use of ${name} takes ${takes}`,
    stray,
  );
}
