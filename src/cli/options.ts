/**
 * @file The kinds of options as words: a command's table is written with them.
 */
import type {
  ChoiceOption,
  FlagOption,
  NumberOption,
  TextOption,
} from "./command.js";

/** What an option may say beside what it has to. */
type More<O> = Omit<O, "kind" | "placeholder" | "description" | "integer">;
type Nothing = Record<never, never>;

/** @param placeholder what stands for the value in the help: DIR, FILE, TEXT */
export const textOption = <const M extends More<TextOption> = Nothing>(
  placeholder: string,
  description: string,
  more: M = {} as M,
) => ({ kind: "text", placeholder, description, ...more }) as const;

export const number = <const M extends More<NumberOption> = Nothing>(
  placeholder: string,
  description: string,
  more: M = {} as M,
) => ({ kind: "number", placeholder, description, ...more }) as const;

/** A whole number. */
export const integerOption = <const M extends More<NumberOption> = Nothing>(
  placeholder: string,
  description: string,
  more: M = {} as M,
) => ({ ...number(placeholder, description, more), integer: true }) as const;

export const choice = <
  const C extends readonly string[],
  const M extends Omit<More<ChoiceOption>, "choices"> = Nothing,
>(
  choices: C,
  description: string,
  more: M = {} as M,
) => ({ kind: "choice", choices, description, ...more }) as const;

/** On or off; `default: true` turns the option `shuffle` into `--no-shuffle`. */
export const flagOption = <const M extends More<FlagOption> = Nothing>(
  description: string,
  more: M = {} as M,
) => ({ kind: "flag", description, ...more }) as const;

/** May be given several times. */
export const list = (placeholder: string, description: string) =>
  ({ kind: "list", placeholder, description }) as const;
