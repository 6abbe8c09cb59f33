/**
 * @file Which option is refused or missing stands in an error's details, for programs.
 */
import { expect, it } from "vitest";
import type { CommandIo } from "./io.js";
import { evaluateCommand } from "./commands/evaluate.js";
import { judgeCommand } from "./commands/judge.js";

const io = {} as CommandIo;

it.each([
  [evaluateCommand, { model: "m", data: "d", out: "x" }, "--out"],
  [
    evaluateCommand,
    { suite: "ifeval", data: "d", responses: "r", model: "m" },
    "--model",
  ],
  [
    evaluateCommand,
    { suite: "ifeval", data: "d", model: "m", seed: 1 },
    "--seed",
  ],
  [
    evaluateCommand,
    { suite: "alpaca-eval", preferences: ["p"], data: "d" },
    "--data",
  ],
  [
    evaluateCommand,
    { suite: "mt-bench", model: "m", data: "d", seed: 1 },
    "--seed",
  ],
  [evaluateCommand, { suite: "mt-bench", model: "m", data: "d" }, "--out"],
  [evaluateCommand, { model: "m" }, "--data"],
  [
    judgeCommand,
    { verifier: "exact", data: "d", out: "o", samples: 2 },
    "--samples",
  ],
  [judgeCommand, { verifier: "exact", out: "o" }, "--data"],
  [judgeCommand, { verifier: "exact", data: "d" }, "--out"],
  [judgeCommand, { data: "d", out: "o" }, "--model"],
  [judgeCommand, { endpoint: "http://127.0.0.1:1", model: "m" }, "--out"],
  [judgeCommand, { rewardModel: "r", model: "m" }, "--model"],
  [judgeCommand, { model: "m", out: "o" }, "--data"],
])("$0.name with $1 names $2", async (command, given, option) => {
  await expect(
    command.run({ preferences: [], ...given }, io, new Set(Object.keys(given))),
  ).rejects.toMatchObject({ code: "USAGE", details: { option } });
});
