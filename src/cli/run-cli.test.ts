/**
 * @file The frame every command runs in: parsing, output, errors, Ctrl-C.
 */
import { EventEmitter } from "node:events";
import { describe, expect, test } from "vitest";
import { AutodidactError } from "../foundation/error.js";
import { defineCommand } from "./command.js";
import type { CommandDefinition } from "./command.js";
import type { CommandIo } from "./io.js";
import { runCli } from "./run-cli.js";

/** Prints the values it was given. */
const echo = defineCommand({
  name: "echo",
  summary: "Say what was asked",
  arguments: { file: { placeholder: "FILE", description: "A file" } },
  options: {
    runDir: { kind: "text", placeholder: "DIR", description: "A folder" },
    count: {
      kind: "number",
      placeholder: "N",
      description: "How many",
      integer: true,
      min: 1,
      default: 3,
    },
    topP: {
      kind: "number",
      placeholder: "P",
      description: "Nucleus mass",
      min: 0,
      max: 1,
    },
    loss: {
      kind: "choice",
      choices: ["sigmoid", "ipo"],
      default: "sigmoid",
      description: "Loss",
    },
    shuffle: { kind: "flag", default: true, description: "Keep the order" },
    force: { kind: "flag", description: "Go on" },
    tag: { kind: "list", placeholder: "TAG", description: "A tag" },
  },
  examples: {
    "autodidact echo a.txt --count 2": "Says two",
  },
  run: async (values, io) => {
    // The types follow the table: this line is checked by the compiler.
    const typed: {
      file: string | undefined;
      runDir: string | undefined;
      count: number;
      topP: number | undefined;
      loss: "sigmoid" | "ipo";
      shuffle: boolean;
      force: boolean;
      tag: readonly string[];
    } = values;
    io.print(JSON.stringify(typed));
    io.printJson(typed);
  },
});

const needy = defineCommand({
  name: "train sft",
  summary: "Need a model",
  arguments: {
    data: { placeholder: "FILE", description: "Rows", required: true },
  },
  options: {
    model: {
      kind: "text",
      placeholder: "DIR",
      description: "A model",
      required: true,
    },
  },
  examples: {},
  run: async () => undefined,
});

function failing(error: unknown): CommandDefinition {
  return defineCommand({
    name: "fail",
    summary: "Fail",
    examples: {},
    run: () => Promise.reject(error as Error),
  });
}

async function cli(
  line: string,
  { commands = [echo, needy], signals = new EventEmitter() } = {},
): Promise<{
  code: number;
  stdout: string;
  stderr: string;
  killed: number[];
}> {
  let stdout = "";
  let stderr = "";
  const killed: number[] = [];
  const code = await runCli({
    argv: line.split(" ").filter((word) => word !== ""),
    commands,
    groups: { train: "Train" },
    version: "1.2.3",
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text: string) => ((stderr += text), true) },
    signals,
    kill: (exitCode) => killed.push(exitCode),
    now: () => 0,
  });
  return { code, stdout, stderr, killed };
}

describe("a right command line", () => {
  test("gives the command its defaults and leaves standard error empty", async () => {
    const { code, stdout, stderr } = await cli("echo");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(JSON.parse(stdout)).toEqual({
      count: 3,
      loss: "sigmoid",
      shuffle: true,
      force: false,
      tag: [],
      json: false,
      quiet: false,
      verbose: false,
    });
  });

  test("gives the command what was typed, parsed", async () => {
    const { stdout } = await cli(
      "echo a.txt --run-dir d --count 7 --top-p 0.9 --loss ipo --no-shuffle --force --tag x --tag y",
    );
    expect(JSON.parse(stdout)).toMatchObject({
      file: "a.txt",
      runDir: "d",
      count: 7,
      topP: 0.9,
      loss: "ipo",
      shuffle: false,
      force: true,
      tag: ["x", "y"],
    });
  });

  test("with --json prints one document and no text", async () => {
    const { stdout } = await cli("echo --json");
    expect(stdout).toMatch(/^\{\n {2}"count": 3,/);
    expect(JSON.parse(stdout)).toMatchObject({ json: true });
  });
});

describe("words of servers, models and files", () => {
  const evil = "\u001b[2Jall\rgood\u202e\u009b31m";
  const shown = String.raw`\u001b[2Jall\u000dgood\u202e\u009b31m`;
  const saying = defineCommand({
    name: "say",
    summary: "Say",
    options: {},
    examples: {},
    run: (_, io) => {
      io.print(evil);
      io.printJson({ [evil]: evil });
      io.remark(evil);
      io.onEvent({ type: "warning", code: "few-pairs", message: evil });
      return Promise.reject(new AutodidactError("ENDPOINT", evil));
    },
  });

  test.each(["say", "say --verbose", "say --quiet", `${evil} --verbose`])(
    "give a terminal no orders: %j",
    async (line) => {
      const { stdout, stderr } = await cli(line, { commands: [saying] });
      expect(stderr).toContain(shown);
      expect(stdout + stderr).not.toMatch(/[\u001b\r\u202e\u009b]/);
    },
  );

  test("stay what they were in the document for programs", async () => {
    const { stdout } = await cli("say --json", { commands: [saying] });
    expect(stdout).toMatch(/^[\x20-\x7e\n]*$/);
    expect(JSON.parse(stdout)).toEqual({ [evil]: evil });
  });
});

describe("a wrong command line ends with 2 and", () => {
  test.each([
    [
      "ecko",
      'Unknown command "ecko". Did you mean "echo"? Run "autodidact --help" to see all commands.',
    ],
    [
      "ecko --count 1",
      'Unknown command "ecko". Did you mean "echo"? Run "autodidact --help" to see all commands.',
    ],
    [
      "train",
      '"autodidact train" needs one more word: sft. Run "autodidact train --help" to see what each does.',
    ],
    [
      "train stf",
      'Unknown command "stf". Did you mean "sft"? Run "autodidact train --help" to see all commands.',
    ],
    [
      "echo --cuont 1",
      'Unknown option "--cuont". Did you mean "--count"? Run "autodidact echo --help" to see what "autodidact echo" takes.',
    ],
    [
      "echo --shuffle",
      'Unknown option "--shuffle". Did you mean "--no-shuffle"? Run "autodidact echo --help" to see what "autodidact echo" takes.',
    ],
    [
      "--jsom",
      'Unknown option "--jsom". Run "autodidact --help" to see what "autodidact" takes.',
    ],
    [
      "echo --count",
      '--count needs a value: "--count <N>". Run "autodidact echo --help" to see what "autodidact echo" takes.',
    ],
    [
      "echo --count 0",
      '--count expects a whole number of at least 1, got "0".',
    ],
    [
      "echo --count 1.5",
      '--count expects a whole number of at least 1, got "1.5".',
    ],
    ["echo --top-p hot", '--top-p expects a number from 0 to 1, got "hot".'],
    [
      "echo --loss sigmod",
      '--loss expects one of sigmoid, ipo, got "sigmod". Did you mean "sigmoid"?',
    ],
    [
      "echo a b",
      'Too many arguments: expected 1 argument but got 2. Run "autodidact echo --help" to see what "autodidact echo" takes.',
    ],
    [
      "train sft rows",
      'The option "--model <DIR>" is required and was not given. Run "autodidact train sft --help" to see what "autodidact train sft" takes.',
    ],
    [
      "train sft --model m",
      'The argument FILE is required and was not given. Run "autodidact train sft --help" to see what "autodidact train sft" takes.',
    ],
  ])("%s says: %s", async (line, sentence) => {
    expect(await cli(line)).toEqual({
      code: 2,
      stdout: "",
      stderr: `${sentence}\n`,
      killed: [],
    });
  });

  test("with --json also prints the error as the one document", async () => {
    const { stdout, stderr } = await cli("echo --json --cuont 1");
    expect(JSON.parse(stdout)).toEqual({
      error: {
        code: "USAGE",
        message: stderr.trimEnd(),
        details: {
          command: "autodidact echo",
          word: "--cuont",
          nearest: "--count",
        },
      },
    });
  });
});

describe("help", () => {
  test("without any word lists the commands and ends with 0", async () => {
    const { code, stdout, stderr } = await cli("");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain("echo [options] [FILE]  Say what was asked");
    expect(stdout).toContain("train                  Train");
  });

  test("of a command shows options, defaults and examples", async () => {
    const { code, stdout } = await cli("echo --help");
    expect(code).toBe(0);
    expect(stdout).toMatch(/--count <N> +How many \(default: 3\)/);
    expect(stdout).toContain(
      "Examples:\n  autodidact echo a.txt --count 2\n      Says two\n",
    );
  });

  test("of a group lists its members", async () => {
    const { code, stdout } = await cli("train --help");
    expect(code).toBe(0);
    expect(stdout).toContain("sft [options] <FILE>");
  });

  test("has the version beside it", async () => {
    expect(await cli("--version")).toMatchObject({
      code: 0,
      stdout: "1.2.3\n",
    });
  });
});

describe("a command that fails", () => {
  const known = failing(
    new AutodidactError("STORAGE", "The disk is full.", { path: "x" }),
  );
  const bug = failing(new TypeError("x is undefined"));

  test("shows its sentence and exits with the code of its class", async () => {
    expect(await cli("fail", { commands: [known] })).toEqual({
      code: 5,
      stdout: "",
      stderr: "The disk is full.\n",
      killed: [],
    });
  });

  test("by a bug says so without a stack and exits with 1", async () => {
    const { code, stderr } = await cli("fail", { commands: [bug] });
    expect(code).toBe(1);
    expect(stderr).toBe(
      "Unexpected failure: x is undefined. This is a bug in autodidact; run the same command with --verbose and report what it prints.\n",
    );
  });

  test("with --verbose shows the stack and what caused it", async () => {
    const caused = failing(
      new AutodidactError("STORAGE", "No.", {}, { cause: new Error("inner") }),
    );
    const { stderr } = await cli("fail --verbose", { commands: [caused] });
    expect(stderr).toMatch(
      /^No\.\nAutodidactError: No\.\n +at [^]*\ncaused by Error: inner\n +at /,
    );
  });
});

describe("Ctrl-C", () => {
  const signals = new EventEmitter();
  const waiting = (
    onStart: (io: CommandIo) => void,
    afterInterrupt?: string,
  ): CommandDefinition =>
    defineCommand({
      name: "wait",
      summary: "Wait",
      examples: {},
      ...(afterInterrupt === undefined ? {} : { afterInterrupt }),
      run: (_values, io) =>
        new Promise((_resolve, reject) => {
          io.signal.addEventListener("abort", () => {
            reject(io.signal.reason as Error);
          });
          onStart(io);
        }),
    });

  test("once stops in order, says how to go on and exits with 130", async () => {
    const command = waiting(
      () => signals.emit("SIGINT"),
      "Run the same command again to go on.",
    );
    expect(await cli("wait", { commands: [command], signals })).toEqual({
      code: 130,
      stdout: "",
      stderr:
        "Stopping as soon as everything is in order; press Ctrl-C again to stop at once.\n" +
        "Stopped. Run the same command again to go on.\n",
      killed: [],
    });
    expect(signals.listenerCount("SIGINT")).toBe(0);
  });

  test("twice kills", async () => {
    const stubborn = defineCommand({
      name: "wait",
      summary: "Wait",
      examples: {},
      run: async () => {
        signals.emit("SIGINT");
        signals.emit("SIGINT");
      },
    });
    const { killed } = await cli("wait", { commands: [stubborn], signals });
    expect(killed).toEqual([130]);
  });

  test("does not hide an error met while stopping", async () => {
    const command = defineCommand({
      name: "wait",
      summary: "Wait",
      examples: {},
      run: async () => {
        signals.emit("SIGINT");
        throw new AutodidactError("STORAGE", "The disk is full.");
      },
    });
    expect(await cli("wait", { commands: [command], signals })).toMatchObject({
      code: 5,
    });
  });

  test("that comes too late leaves a finished command a success", async () => {
    const command = defineCommand({
      name: "wait",
      summary: "Wait",
      examples: {},
      run: async () => {
        signals.emit("SIGTERM");
      },
    });
    expect(await cli("wait", { commands: [command], signals })).toMatchObject({
      code: 0,
    });
  });
});
