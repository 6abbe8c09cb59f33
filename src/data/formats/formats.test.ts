import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AutodidactError } from "../../foundation/error.js";
import { writeJsonLines } from "../../foundation/json-lines.js";
import { readPlacedAlpaca, writeAlpaca } from "./alpaca.js";
import { readPlacedMessages } from "./chat-messages.js";
import { alpacaToMessages, messagesToAlpaca } from "./convert.js";
import type { AlpacaRow, SeedTask } from "./instruction-records.js";
import { readSeedFile } from "./seed-file.js";
import { readSeedTasks } from "./seed-tasks.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "formats-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function file(name: string, content: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

async function rowsOf<Row>(
  read: (path: string) => Promise<readonly { readonly row: Row }[]>,
  path: string,
): Promise<Row[]> {
  return (await read(path)).map(({ row }) => row);
}

async function failure(work: Promise<unknown>): Promise<AutodidactError> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof AutodidactError) return error;
  throw new Error(`expected an AutodidactError, got ${String(error)}`);
}

const seed = (id: string, instruction: string): SeedTask => ({
  id,
  name: `name of ${id}`,
  instruction,
  instances: [{ input: "", output: "An answer." }],
  is_classification: false,
});

const line = (task: SeedTask): string => `${JSON.stringify(task)}\n`;

describe("seed tasks", () => {
  it("come back from a round trip as they were", async () => {
    const tasks = [
      seed("a", "Name a river."),
      {
        ...seed("b", "把这句话翻成英文。\n“你好”"),
        instances: [
          { input: "line one\nline two", output: "“quoted” \\ back" },
          { input: "", output: "2" },
        ],
        is_classification: true,
      },
    ];
    const path = join(folder, "round.jsonl");
    await writeJsonLines(path, tasks);
    expect(await readSeedTasks(path)).toEqual(tasks);
  });

  it("of a file with broken JSON on line 3 are refused with that line", async () => {
    const path = await file(
      "broken.jsonl",
      line(seed("a", "Name a river.")) + "\n" + '{"id": "b",\n',
    );
    const error = await failure(readSeedTasks(path));
    expect(error.code).toBe("BAD_INPUT");
    expect(error.details).toEqual({ path, line: 3 });
    expect(error.message).toContain(`${path}, line 3: is not JSON`);
  });

  it("without a field are refused with the field and an example", async () => {
    const path = await file(
      "missing.jsonl",
      line(seed("a", "Name a river.")) +
        JSON.stringify({
          ...seed("b", "Name a lake."),
          is_classification: undefined,
        }),
    );
    const error = await failure(readSeedTasks(path));
    expect(error.details).toEqual({
      path,
      line: 2,
      field: "is_classification",
    });
    expect(error.message).toMatch(
      /line 2: the field “is_classification” is missing\. A row of the seed task format looks like \{"id"/u,
    );
  });

  it("with a field of the wrong type inside an instance are refused with its place", async () => {
    const path = await file(
      "type.jsonl",
      JSON.stringify({
        ...seed("a", "Name a river."),
        instances: [
          { input: "", output: "fine" },
          { input: 7, output: "fine" },
        ],
      }),
    );
    const error = await failure(readSeedTasks(path));
    expect(error.message).toContain(
      "the field “instances[1].input” is the number 7: it must be text",
    );
  });

  it("with one id or one instruction twice are refused with both lines", async () => {
    const sameId = await file(
      "same-id.jsonl",
      line(seed("a", "Name a river.")) + line(seed("a", "Name a lake.")),
    );
    expect((await failure(readSeedTasks(sameId))).message).toContain(
      "line 2: the id “a” was already used on line 1",
    );
    const sameText = await file(
      "same-text.jsonl",
      line(seed("a", "Name a river.")) +
        "\n" +
        line(seed("b", "Name a river. ")),
    );
    const error = await failure(readSeedTasks(sameText));
    expect(error.message).toContain(
      "line 3: the instruction “Name a river.” was already used on line 1",
    );
    expect(error.details.field).toBe("instruction");
  });

  it("with one instruction in other letters or white space are refused as well", async () => {
    const path = await file(
      "nearly-same.jsonl",
      line(seed("a", "Name a river.")) + line(seed("b", "NAME  a\nriver. ")),
    );
    expect((await failure(readSeedTasks(path))).message).toContain(
      "line 2: the instruction “NAME  a\nriver.” was already used on line 1, where it differs in case or white space only: “Name a river.”. Remove one",
    );
    const alpaca = await file(
      "nearly-alpaca.jsonl",
      '{"instruction": "Add.", "output": "2"}\n{"instruction": "add.", "output": "3"}',
    );
    expect((await failure(readSeedFile(alpaca))).details.line).toBe(2);
  });

  it("of an empty file are refused", async () => {
    const error = await failure(
      readSeedTasks(await file("empty.jsonl", "\n\n")),
    );
    expect(error.message).toContain("has no rows");
  });

  it("of a file that is not UTF-8 are refused with the line", async () => {
    const path = join(folder, "latin1.jsonl");
    await writeFile(
      path,
      Buffer.concat([
        Buffer.from(line(seed("a", "Name a river."))),
        Buffer.from([0x22, 0xe9, 0x22, 0x0a]),
      ]),
    );
    const error = await failure(readSeedTasks(path));
    expect(error.message).toContain("line 2: is not valid UTF-8");
  });

  it("of a file that is not there are refused", async () => {
    const error = await failure(readSeedTasks(join(folder, "nowhere.jsonl")));
    expect(error.code).toBe("BAD_INPUT");
    expect(error.message).toContain("nowhere.jsonl");
  });
});

describe("Alpaca rows", () => {
  const rows: AlpacaRow[] = [
    { instruction: "Add.", input: "1, 2]", output: '3 "three", [x' },
    { instruction: "Say \\ and {.", input: "", output: "" },
  ];

  it("come back from a round trip as they were", async () => {
    const path = join(folder, "alpaca.json");
    await writeAlpaca(path, rows);
    expect(await rowsOf(readPlacedAlpaca, path)).toEqual(rows);
  });

  it("of any text come back from a round trip as they were", async () => {
    const path = join(folder, "any-alpaca.json");
    const anyText = fc.string({ unit: "grapheme" });
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            instruction: anyText.map((text) => `.${text}`),
            input: anyText,
            output: anyText,
          }),
          { minLength: 1 },
        ),
        async (any) => {
          await writeAlpaca(path, any);
          expect(await rowsOf(readPlacedAlpaca, path)).toEqual(any);
        },
      ),
      { numRuns: 30 },
    );
  });

  it("may leave the input out", async () => {
    const path = await file(
      "no-input.json",
      '[{"instruction": "Add.", "output": "3"}]',
    );
    expect(await rowsOf(readPlacedAlpaca, path)).toEqual([
      { instruction: "Add.", input: "", output: "3" },
    ]);
  });

  it("are read from JSON Lines when the file is called so", async () => {
    const path = await file(
      "alpaca.jsonl",
      rows.map((row) => JSON.stringify(row)).join("\n"),
    );
    expect(await rowsOf(readPlacedAlpaca, path)).toEqual(rows);
  });

  it("with a bad entry are refused with the line on which it begins", async () => {
    const path = await file(
      "bad-alpaca.json",
      `[\n${JSON.stringify(rows[0])},\n\n  {"instruction": "x",\n   "output": 5}\n]`,
    );
    const error = await failure(rowsOf(readPlacedAlpaca, path));
    expect(error.details).toEqual({ path, line: 4, field: "output" });
    expect(error.message).toContain("the field “output” is the number 5");
  });

  it("with a trailing comma are refused with its line", async () => {
    const path = await file("comma.json", `[\n${JSON.stringify(rows[0])},\n]`);
    const error = await failure(rowsOf(readPlacedAlpaca, path));
    expect(error.details.line).toBe(2);
    expect(error.message).toContain("is not JSON");
  });

  it("of a file that was cut off are refused with the line of the last entry", async () => {
    const path = await file(
      "cut.json",
      `[\n${JSON.stringify(rows[0])},\n{"instruction": "x`,
    );
    const error = await failure(rowsOf(readPlacedAlpaca, path));
    expect(error.details.line).toBe(3);
    expect(error.message).toContain("no closing quotation mark");
  });

  it("of something that is no array are refused", async () => {
    const path = await file("object.json", '\n{"instruction": "x"}');
    const error = await failure(rowsOf(readPlacedAlpaca, path));
    expect(error.details.line).toBe(2);
    expect(error.message).toContain("“output” is missing");
  });

  it("followed by more text are refused", async () => {
    const path = await file("two.json", "[]\n[]");
    expect((await failure(rowsOf(readPlacedAlpaca, path))).details.line).toBe(
      2,
    );
  });

  it("of an empty array are refused", async () => {
    const path = await file("none.json", "[ ]");
    expect((await failure(rowsOf(readPlacedAlpaca, path))).message).toContain(
      "has no rows",
    );
  });
});

describe("chat messages", () => {
  it("come back from a round trip as they were", async () => {
    const rows = [
      {
        messages: [
          { role: "system" as const, content: "Be kind." },
          { role: "user" as const, content: "你好\n" },
          { role: "assistant" as const, content: "" },
        ],
      },
    ];
    const path = join(folder, "chat.jsonl");
    await writeJsonLines(path, rows);
    expect(await rowsOf(readPlacedMessages, path)).toEqual(rows);
  });

  it("may call tools instead of saying something, and hold what tools gave", async () => {
    const rows = [
      {
        messages: [
          { role: "developer" as const, content: "Be brief." },
          { role: "user" as const, content: "Weather?" },
          {
            role: "assistant" as const,
            content: null,
            tool_calls: [{ function: { name: "weather", arguments: {} } }],
          },
          { role: "tool" as const, content: "sun", tool_call_id: "1" },
          { role: "assistant" as const, content: "Sunny." },
        ],
      },
    ];
    const path = join(folder, "calls.jsonl");
    await writeJsonLines(path, rows);
    expect(await rowsOf(readPlacedMessages, path)).toEqual(rows);
    expect(rows.map(messagesToAlpaca)).toEqual([
      { instruction: "Weather?", input: "", output: "Sunny." },
    ]);
  });

  it.each([
    ['"content": null', "is null"],
    ['"content": null, "tool_calls": []', "is null"],
    ['"name": "x"', "is missing"],
    ['"content": 7, "tool_calls": [1]', "is the number 7"],
  ])("with %s say nothing and are refused", async (fields, found) => {
    const path = await file(
      "silent.jsonl",
      `{"messages": [{"role": "assistant", ${fields}}]}`,
    );
    const error = await failure(rowsOf(readPlacedMessages, path));
    expect(error.message).toContain(`the field “messages[0].content” ${found}`);
  });

  it("with an unknown role are refused with its place", async () => {
    const path = await file(
      "role.jsonl",
      '{"messages": [{"role": "user", "content": "x"}, {"role": "bot", "content": "y"}]}',
    );
    const error = await failure(rowsOf(readPlacedMessages, path));
    expect(error.message).toContain(
      "the field “messages[1].role” is text: it must be system, developer, user, assistant or tool",
    );
  });
});

describe("prompt/completion rows", () => {
  it("are written one a line, as text and as conversations", async () => {
    const rows = [
      { prompt: "1 + 1 =", completion: " 2" },
      {
        prompt: [{ role: "user" as const, content: "1 + 1?" }],
        completion: [{ role: "assistant" as const, content: "2" }],
        weight: 0.5,
      },
    ];
    const path = join(folder, "pc.jsonl");
    await writeJsonLines(path, rows);
    const lines = (await readFile(path, "utf8")).trimEnd().split("\n");
    expect(lines.map((line): unknown => JSON.parse(line))).toEqual(rows);
  });
});

describe("conversion", () => {
  it("puts instruction and input into one user message", () => {
    const { messages } = alpacaToMessages({
      instruction: "Add.",
      input: "1 1",
      output: "2",
    });
    expect(messages).toEqual([
      { role: "user", content: "Add.\n\n1 1" },
      { role: "assistant", content: "2" },
    ]);
  });

  it("takes the first exchange of a conversation, and nothing where there is none", () => {
    expect(
      messagesToAlpaca({
        messages: [
          { role: "assistant", content: "Hello." },
          { role: "user", content: "One?" },
          { role: "assistant", content: "1" },
          { role: "user", content: "Two?" },
        ],
      }),
    ).toEqual({ instruction: "One?", input: "", output: "1" });
    expect(
      messagesToAlpaca({ messages: [{ role: "user", content: "One?" }] }),
    ).toBeUndefined();
  });
});

describe("a seed file of any format", () => {
  it("is read as the seed task format when rows have instances", async () => {
    const path = await file("any-seed.jsonl", line(seed("a", "Name a river.")));
    expect(await readSeedFile(path)).toEqual([seed("a", "Name a river.")]);
  });

  it("is read as Alpaca when it is JSON, or rows have an instruction", async () => {
    const expected = [
      {
        id: "seed_1",
        name: "seed_1",
        instruction: "Add.",
        instances: [{ input: "1 1", output: "2" }],
        is_classification: false,
      },
    ];
    const row = '{"instruction": "Add.", "input": "1 1", "output": "2"}';
    expect(await readSeedFile(await file("any.json", `[${row}]`))).toEqual(
      expected,
    );
    expect(await readSeedFile(await file("any-a.jsonl", row))).toEqual(
      expected,
    );
  });

  it("is read as chat when rows have messages, with the right line in its errors", async () => {
    const good =
      '{"messages": [{"role": "user", "content": "Hi?"}, {"role": "assistant", "content": "Hello"}]}';
    const chat = await file("any-c.jsonl", good);
    expect((await readSeedFile(chat))[0]?.instruction).toBe("Hi?");
    // Rows of one instruction are the instances of one task …
    const several = await file(
      "several.json",
      `[{"instruction":"Is it a pet?","input":"a cat","output":"yes"},
{"instruction":"Name a river.","output":"The Elbe."},
{"instruction":"Is it a pet?","input":"a stone","output":"no"}]`,
    );
    expect(
      (await readSeedFile(several)).map((task) => [
        task.instruction,
        task.instances.map(({ output }) => output),
      ]),
    ).toEqual([
      ["Is it a pet?", ["yes", "no"]],
      ["Name a river.", ["The Elbe."]],
    ]);
    // … and the same prompt once more is a mistake.
    const twice = await file(
      "twice.json",
      `[{"instruction":"Is it a pet?","input":"a cat","output":"yes"},
{"instruction":"Is it a pet?","input":"a cat","output":"no"}]`,
    );
    const repeated = await failure(readSeedFile(twice));
    expect(repeated.details.line).toBe(2);
    const bad = await file(
      "any-d.jsonl",
      `${good}\n\n{"messages": [{"role": "user", "content": "Bye?"}]}`,
    );
    expect((await failure(readSeedFile(bad))).details.line).toBe(3);
  });

  it("may be one JSON array of any format, with the right line in its errors", async () => {
    const chat = (said: string) =>
      JSON.stringify({
        messages: [
          { role: "user", content: said },
          { role: "assistant", content: "Yes." },
        ],
      });
    const conversations = await file(
      "chat.json",
      `\n [${chat("Hi?")},\n${chat("Bye?")}]`,
    );
    expect(
      (await readSeedFile(conversations)).map(({ instruction }) => instruction),
    ).toEqual(["Hi?", "Bye?"]);
    const tasks = [seed("a", "Name a river."), seed("b", "Name a lake.")];
    const array = await file("tasks.json", JSON.stringify(tasks));
    expect(await readSeedFile(array)).toEqual(tasks);
    const bad = await file(
      "bad-chat.json",
      `[${chat("Hi?")},\n\n{"messages": []}]`,
    );
    const error = await failure(readSeedFile(bad));
    expect(error.details).toMatchObject({ line: 3, field: "messages" });
    const unknown = await file("unknown.json", '[\n{"text": "x"}]');
    expect((await failure(readSeedFile(unknown))).message).toContain(
      "line 2: this is no known format of seed tasks",
    );
    expect(
      (await failure(readSeedFile(await file("none.json", "[]")))).message,
    ).toContain("has no rows");
  });

  it("of no known format is refused with an example", async () => {
    const path = await file("any-x.jsonl", '{"text": "x"}');
    const error = await failure(readSeedFile(path));
    expect(error.message).toContain("no known format");
    expect(error.details.line).toBe(1);
  });

  it("with two equal Alpaca instructions is refused", async () => {
    const row = '{"instruction": "Add.", "output": "2"}';
    const path = await file("any-twice.json", `[${row},\n${row}]`);
    expect((await failure(readSeedFile(path))).message).toContain(
      "line 2: the instruction “Add.” was already used on line 1",
    );
  });
});

describe("a file is known by what it holds, not by its name", () => {
  it.each(["rows.json", "rows.jsonl", "rows.txt"])("%s", async (name) => {
    const rows = [
      '{"instruction":"a","input":null,"output":"b"}',
      '{"instruction":"c","output":"d"}',
    ];
    const read = [
      { instruction: "a", input: "", output: "b" },
      { instruction: "c", input: "", output: "d" },
    ];
    const path = join(folder, name);
    for (const text of [
      rows.join("\n"),
      `\ufeff${rows.join("\r\n")}\r\n`,
      `\ufeff [${rows.join(",\n")}]`,
    ]) {
      await writeFile(path, text);
      expect(await rowsOf(readPlacedAlpaca, path)).toEqual(read);
    }
  });
});
