import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { AutodidactError } from "../../foundation/error.js";
import {
  journalBeside,
  rowsIdentity,
  workRows,
  writeRows,
  type RowWork,
} from "./resumable-rows.js";

let folder: string;
let out: string;
let partial: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "autodidact-rows-"));
  out = join(folder, "deep/out.jsonl");
  partial = `${out}.partial`;
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const ROW = z.object({ id: z.number(), text: z.string() });
type Row = z.output<typeof ROW>;

/** 300 items of two rows each, asked for in chunks that `asked` keeps. */
function work(
  asked: [number, number][] = [],
  change: Partial<RowWork<Row>> = {},
): RowWork<Row> {
  return {
    items: 300,
    unit: "prompts",
    rowsEach: 2,
    answersEach: 2,
    identity: "one",
    schema: ROW,
    rows: (start, end) => {
      asked.push([start, end]);
      return Promise.resolve(
        Array.from({ length: 2 * (end - start) }, (_, i) => ({
          id: 2 * start + i,
          text: "Zeile\u2028“ü”",
        })),
      );
    },
    ...change,
  };
}

const STOPPED = new AutodidactError("INTERRUPTED", "Stopped.");

/** Works until a chunk begins at or behind `item`, then is stopped as by Ctrl-C. */
async function stoppedAt(item: number): Promise<unknown> {
  const controller = new AbortController();
  const whole = work();
  const stopping = work([], {
    rows: (start, end, options) => {
      if (start >= item) controller.abort(STOPPED);
      options.signal?.throwIfAborted();
      return whole.rows(start, end, options);
    },
  });
  try {
    return await writeRows(out, stopping, {
      signal: controller.signal,
      onFound: () => undefined,
    });
  } catch (error) {
    return error;
  }
}

/** Goes on and gives what happened. */
async function goneOn(change: Partial<RowWork<Row>> = {}): Promise<{
  found: number[];
  asked: [number, number][];
  progress: number[];
  rows: readonly Row[];
}> {
  const found: number[] = [];
  const asked: [number, number][] = [];
  const progress: number[] = [];
  const rows = await writeRows(out, work(asked, change), {
    onFound: (items) => found.push(items),
    onProgress: (done) => progress.push(done),
  });
  return { found, asked, progress, rows };
}

async function wholeText(): Promise<string> {
  const rows = await workRows(work(), {});
  return rows.map((row) => `${JSON.stringify(row)}\n`).join("");
}

it("chunks begin small, never outgrow what came before, and no file is left but the result", async () => {
  const { found, asked, rows } = await goneOn();
  expect(found).toEqual([]);
  expect(asked).toEqual([
    [0, 8],
    [8, 16],
    [16, 32],
    [32, 64],
    [64, 128],
    [128, 192],
    [192, 256],
    [256, 300],
  ]);
  expect(rows).toHaveLength(600);
  expect(readFileSync(out, "utf8")).toBe(await wholeText());
  expect(readdirSync(join(folder, "deep"))).toEqual(["out.jsonl"]);
});

it("an item that takes more answers than a chunk has is a chunk of its own", async () => {
  const { asked } = await goneOn({ items: 3, answersEach: 1000 });
  expect(asked).toEqual([
    [0, 1],
    [1, 2],
    [2, 3],
  ]);
});

describe("after a stop", () => {
  it("says what is kept, and goes on with it to the same bytes", async () => {
    writeFileSync(join(folder, "earlier"), "");
    expect(await stoppedAt(100)).toMatchObject({
      code: "INTERRUPTED",
      message: `Stopped. 128 of 300 prompts are done and kept in ${partial}; run the same command again to go on.`,
    });
    expect(existsSync(out)).toBe(false);
    const { found, asked, progress, rows } = await goneOn();
    expect(found).toEqual([128]);
    expect(asked[0]).toEqual([128, 192]);
    expect(progress[0]).toBe(128);
    expect(rows).toEqual(await workRows(work(), {}));
    expect(readFileSync(out, "utf8")).toBe(await wholeText());
    expect(existsSync(partial)).toBe(false);
  });

  it.each([
    [
      "in the first chunk",
      ...[0, 0],
      () =>
        `0 of 300 prompts are done, and 2 answers for the first ones kept in ${partial}-answers`,
    ],
    [
      "in a later one",
      ...[100, 128],
      () =>
        `128 of 300 prompts are done and kept in ${partial}, and 2 answers for the next ones beside it`,
    ],
  ] as const)(
    "says what was answered %s, and leaves no answers at the end",
    async (_, item, done, told) => {
      const onFound = vi.fn();
      const run = (stop: boolean): Promise<unknown> => {
        const controller = new AbortController();
        const journal = journalBeside(out);
        return writeRows(
          out,
          work([], {
            rows: (start, end, options) => {
              if (stop && start >= item) {
                journal.keep("a", { answer: 1 });
                journal.keep("b", { answer: 2 });
                controller.abort(STOPPED);
                options.signal?.throwIfAborted();
              }
              return work().rows(start, end, options);
            },
          }),
          {
            ...(stop && { signal: controller.signal }),
            ...{ journal, onFound },
          },
        );
      };
      await expect(run(true)).rejects.toMatchObject({
        code: "INTERRUPTED",
        message: `Stopped. ${told()}; run the same command again to go on.`,
      });
      if (done === 0) {
        // Of other work there are none.
        const other = journalBeside(out);
        other.belongTo("other");
        expect(other.size).toBe(0);
        await expect(run(true)).rejects.toMatchObject({ code: "INTERRUPTED" });
        expect(onFound).not.toHaveBeenCalled();
      }
      await run(false);
      expect(onFound.mock.calls).toEqual([[done, 2]]);
      expect(readFileSync(out, "utf8")).toBe(await wholeText());
      expect(readdirSync(join(folder, "deep"))).toEqual(["out.jsonl"]);
    },
  );

  it("before anything was done, leaves nothing", async () => {
    expect(await stoppedAt(0)).toBe(STOPPED);
    expect(readdirSync(join(folder, "deep"))).toEqual([]);
  });

  it("twice, and with all rows there, only puts them in their place", async () => {
    await stoppedAt(20);
    await stoppedAt(60);
    await stoppedAt(256);
    const text = readFileSync(partial);
    await goneOn();
    writeFileSync(partial, text);
    appendFileSync(
      partial,
      (await wholeText()).split("\n").slice(512).join("\n"),
    );
    const { found, asked } = await goneOn();
    expect({ found, asked }).toEqual({ found: [300], asked: [] });
    expect(readFileSync(out, "utf8")).toBe(await wholeText());
  });
});

describe("a file that was torn", () => {
  it.each([
    ["within its last row", -5, 64],
    ["at the end of a row within a chunk", "row", 64],
    ["before its first row is whole", 100, 0],
    ["within its first line", 20, 0],
    ["before its first byte", 0, 0],
  ] as const)("%s keeps the chunks that are whole", async (_, at, kept) => {
    await stoppedAt(100);
    const bytes = readFileSync(partial);
    truncateSync(
      partial,
      at === "row"
        ? bytes.subarray(0, -1).lastIndexOf(10) + 1
        : at < 0
          ? bytes.length + at
          : at,
    );
    const { found } = await goneOn();
    expect(found).toEqual(kept === 0 ? [] : [kept]);
    expect(readFileSync(out, "utf8")).toBe(await wholeText());
  });

  it("with zeros behind its rows, as after a power failure, goes on", async () => {
    await stoppedAt(100);
    appendFileSync(partial, Buffer.alloc(4096));
    const { found } = await goneOn();
    expect(found).toEqual([128]);
    expect(readFileSync(out, "utf8")).toBe(await wholeText());
  });
});

describe("rows of other work", () => {
  it("are refused by name and stay", async () => {
    await stoppedAt(100);
    const before = readFileSync(partial);
    await expect(goneOn({ identity: "two" })).rejects.toMatchObject({
      code: "STORAGE",
      message: expect.stringContaining(
        `${partial} is not the beginning`,
      ) as string,
    });
    expect(readFileSync(partial)).toEqual(before);
  });

  it.each(["x", "a file of the user's\n".repeat(99)])(
    "as any other file, %#",
    async (text) => {
      await stoppedAt(100);
      writeFileSync(partial, text);
      await expect(goneOn()).rejects.toMatchObject({ code: "STORAGE" });
      expect(readFileSync(partial, "utf8")).toBe(text);
    },
  );

  it("have another identity: another row, order, setting, model or stage", () => {
    const base = { stage: "generate", model: "m", settings: { n: 1 } };
    const rows = [{ prompt: "a" }, { prompt: "b", big: 2n ** 70n }];
    const others = [
      rowsIdentity(base, rows.slice(0, 1)),
      rowsIdentity(base, rows.toReversed()),
      rowsIdentity(base, [{ prompt: "a", note: 1 }, rows[1]]),
      rowsIdentity({ ...base, settings: { n: 2 } }, rows),
      rowsIdentity({ ...base, model: "m:int8" }, rows),
      rowsIdentity({ ...base, stage: "judge" }, rows),
    ];
    expect(new Set([rowsIdentity(base, rows), ...others])).toHaveLength(7);
    expect(rowsIdentity({ ...base }, structuredClone(rows))).toBe(
      rowsIdentity(base, rows),
    );
  });
});

it("two at once are refused, the first goes on", async () => {
  let second: Promise<unknown> = Promise.resolve();
  await goneOn({
    rows: (start, end, options) => {
      if (start === 8) second = goneOn().catch((error: unknown) => error);
      return second.then(() => work().rows(start, end, options));
    },
  });
  expect(await second).toMatchObject({ code: "STORAGE" });
  expect(readFileSync(out, "utf8")).toBe(await wholeText());
});
