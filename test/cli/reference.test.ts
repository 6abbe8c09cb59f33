/**
 * @file Each command's table is complete, and its examples would parse.
 */
import { describe, expect, test } from "vitest";
import { COMMON_OPTIONS, flagOf } from "../../src/cli/command.js";
import { COMMANDS } from "../../src/cli/commands/index.js";

describe.each(COMMANDS.map((command) => [command.name, command] as const))(
  "%s",
  (name, command) => {
    const options = { ...command.options, ...COMMON_OPTIONS };
    const flags = new Set(
      Object.entries(options).map(([key, option]) => flagOf(key, option)),
    );

    test("has an example, and its examples use its own name and options", () => {
      expect(command.examples).not.toEqual({});
      for (const line of Object.keys(command.examples)) {
        expect(line.startsWith(`autodidact ${name}`)).toBe(true);
        const used = line.match(/(?<=\s)--[a-z-]+/g) ?? [];
        expect(used.filter((flag) => !flags.has(flag))).toEqual([]);
      }
    });

    test("does not redefine an option that every command has", () => {
      expect(
        Object.keys(command.options).filter((key) => key in COMMON_OPTIONS),
      ).toEqual([]);
    });

    test("describes everything without a full stop at the end", () => {
      const texts = [
        command.summary,
        ...Object.values(command.arguments).map((a) => a.description),
        ...Object.values(command.options).map((o) => o.description),
      ];
      expect(texts.filter((text) => !/^[A-Z].*[^.]$/.test(text))).toEqual([]);
    });
  },
);
