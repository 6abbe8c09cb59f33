/**
 * @file Which command a recipe is for, told before its keys are checked: a recipe of
 * the other command would be one complaint for each of its keys.
 */
import type { z } from "zod";
import { AutodidactError } from "../foundation/error.js";
import { selfInstructTrainingSchema } from "../recipes/self-instruct.js";
import { instructSettingsSchema } from "../recipes/instruct.js";
import { readTopKeys } from "../recipes/recipe-kind.js";
import { knownKeys } from "../recipes/schema-keys.js";
import { selfRewardingSchema } from "../recipes/self-rewarding.js";

interface RecipeCommand {
  readonly schemas: readonly z.ZodType[];
  /** The command line that runs the recipe at `path`, for a sentence. */
  readonly line: (path: string) => string;
}

const COMMANDS = {
  run: {
    schemas: [selfRewardingSchema, selfInstructTrainingSchema],
    line: (path) => `\`autodidact run ${path}\``,
  },
  instruct: {
    schemas: [instructSettingsSchema],
    line: (path) =>
      `\`autodidact instruct ${path} --model DIR|ID\`, and --endpoint URL for a served model`,
  },
} satisfies Readonly<Record<string, RecipeCommand>>;

/**
 * Does nothing for a recipe of `command`, and for a file that is no recipe at all:
 * whoever loads it says what is wrong.
 * @param path of the file
 * @throws USAGE when more of the file's keys belong to the other command alone
 */
export async function requireRecipeOf(
  command: keyof typeof COMMANDS,
  path: string,
): Promise<void> {
  const other = command === "run" ? "instruct" : "run";
  const keys = await readTopKeys(path);
  const own = keysOf(command);
  const foreign = keysOf(other);
  const count = (known: ReadonlySet<string>, beside: ReadonlySet<string>) =>
    keys.filter((key) => known.has(key) && !beside.has(key)).length;
  if (count(foreign, own) <= count(own, foreign)) return;
  throw new AutodidactError(
    "USAGE",
    `${path} is a recipe of \`autodidact ${other}\`, not of \`autodidact ${command}\`. Run it with ${COMMANDS[other].line(path)}.`,
    { path, command: other },
  );
}

function keysOf(command: keyof typeof COMMANDS): ReadonlySet<string> {
  return new Set(
    COMMANDS[command].schemas.flatMap((schema) => knownKeys(schema, [])),
  );
}
