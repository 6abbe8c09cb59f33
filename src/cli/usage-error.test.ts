import { CommanderError } from "commander";
import { expect, test } from "vitest";
import { generateCommand } from "./commands/generate.js";
import { usageError } from "./usage-error.js";

const missingModel = new CommanderError(
  1,
  "commander.missingMandatoryOptionValue",
  "error: required option '--model <DIR|ID>' not specified",
);

test("a mistyped option is told before the required one that it was meant for", () => {
  const argv = ["generate", "--modle=x", "--prompt", "y"];
  expect(usageError(missingModel, generateCommand, argv).message).toMatch(
    /^Unknown option "--modle"\. Did you mean "--model"\?/,
  );
});

test("a required option that is really missing is named", () => {
  const argv = ["generate", "--prompt", "y"];
  expect(usageError(missingModel, generateCommand, argv).message).toMatch(
    /^The option "--model <DIR\|ID>" is required and was not given\./,
  );
});
