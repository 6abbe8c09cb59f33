/**
 * @file The built binary as a user meets it.
 */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { flagOf } from "../../src/cli/command.js";
import { COMMANDS } from "../../src/cli/commands/index.js";
import { autodidact, ROOT } from "./program.js";

const { version } = JSON.parse(
  readFileSync(`${ROOT}/package.json`, "utf8"),
) as { version: string };

test("tells its version and nothing else", async () => {
  expect(await autodidact(["--version"])).toEqual({
    code: 0,
    stdout: `${version}\n`,
    stderr: "",
  });
});

test("without a word shows what --help shows, and every command in it", async () => {
  const bare = await autodidact([]);
  expect(bare).toEqual(await autodidact(["--help"]));
  expect({ code: bare.code, stderr: bare.stderr }).toEqual({
    code: 0,
    stderr: "",
  });
  const listed = [...bare.stdout.matchAll(/^ {2}([a-z]+) /gm)].map(
    ([, name]) => name,
  );
  expect(listed).toEqual([
    ...new Set(COMMANDS.map(({ name }) => name.split(" ")[0])),
  ]);
});

test.each(COMMANDS.map(({ name, summary }) => [name, summary]))(
  "%s --help tells what it does, its options and an example",
  async (name) => {
    const { code, stdout, stderr } = await autodidact([
      ...name.split(" "),
      "--help",
    ]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain(`Usage: autodidact ${name} `);
    expect(stdout).toContain("--json");
    expect(stdout).toContain(`Examples:\n  autodidact ${name}`);
  },
);

test("an unknown command quotes the word and suggests the nearest", async () => {
  expect(await autodidact(["trian", "sft"])).toEqual({
    code: 2,
    stdout: "",
    stderr:
      'Unknown command "trian". Did you mean "train"? Run "autodidact --help" to see all commands.\n',
  });
});

describe.each(COMMANDS.map((command) => [command.name, command] as const))(
  "%s",
  (name, { options }) => {
    test("refuses an unknown option with 2, one sentence and no stack", async () => {
      // What is required is asked for first, so it is given.
      const required = Object.entries(options).flatMap(([key, option]) =>
        "required" in option && option.required === true
          ? [
              flagOf(key, option),
              option.kind === "choice" ? (option.choices[0] ?? "") : "x",
            ]
          : [],
      );
      const { code, stdout, stderr } = await autodidact([
        ...name.split(" "),
        ...required,
        "--qqqqqqqq",
      ]);
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
      expect(stderr).toBe(
        `Unknown option "--qqqqqqqq". Run "autodidact ${name} --help" to see what "autodidact ${name}" takes.\n`,
      );
    });
  },
);
