import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { open, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { AutodidactError } from "../../foundation/error.js";
import { filterNovelty } from "./filter-file.js";
import type { FilterNoveltyOptions } from "./filter-file.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "novelty-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const at = (name: string): string => join(folder, name);

async function put(name: string, rows: readonly unknown[]): Promise<string> {
  const lines = rows.map((row) => `${JSON.stringify(row)}\n`);
  await writeFile(at(name), lines.join(""));
  return at(name);
}

async function rows(name: string): Promise<unknown[]> {
  const lines = (await readFile(at(name), "utf8")).split("\n");
  return lines
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as unknown);
}

function paths(): Pick<
  FilterNoveltyOptions,
  "pool" | "candidates" | "out" | "rejected"
> {
  return {
    pool: at("pool.jsonl"),
    candidates: at("candidates.jsonl"),
    out: at("out.jsonl"),
    rejected: at("rejected.jsonl"),
  };
}

const story = "Write a short story about a dog and a cat.";
// Nine of ten words in order: F = 0.9.
const nearStory = "Write a short story about a dog and a bird.";
const poem = "Compose four lines of verse on the sea.";

describe("filterNovelty", () => {
  test("keeps what is new, rejects what is near with its nearest, and keeps other fields", async () => {
    await put("pool.jsonl", [{ instruction: story, id: 7 }]);
    await put("candidates.jsonl", [
      { n: 1, instruction: nearStory, deep: { a: [1, null] } },
      { n: 2, instruction: poem },
      { n: 3, instruction: `${poem} Please!` },
    ]);
    const summary = await filterNovelty(paths());
    expect(summary).toEqual({ pool: 1, candidates: 3, kept: 1, rejected: 2 });
    expect(await rows("out.jsonl")).toEqual([{ n: 2, instruction: poem }]);
    expect(await rows("rejected.jsonl")).toEqual([
      {
        n: 1,
        instruction: nearStory,
        deep: { a: [1, null] },
        nearest: { instruction: story, score: 0.9 },
      },
      {
        // 8 words against 9, 8 in common: P = 8/9, R = 1, F = 16/17. It resembles
        // a candidate that joined the pool just before.
        n: 3,
        instruction: `${poem} Please!`,
        nearest: {
          instruction: poem,
          score: expect.closeTo(16 / 17, 12) as number,
        },
      },
    ]);
  });

  test("with nearest gives kept rows theirs, and null where the pool was empty", async () => {
    await put("pool.jsonl", []);
    await put("candidates.jsonl", [
      { instruction: "a b c d" },
      { instruction: "a x y z" },
      { instruction: "q" },
    ]);
    await filterNovelty({ ...paths(), nearest: true });
    expect(await rows("out.jsonl")).toEqual([
      { instruction: "a b c d", nearest: null },
      // One of four words on both sides: F = 2·¼·¼/½ = ¼.
      {
        instruction: "a x y z",
        nearest: { instruction: "a b c d", score: 0.25 },
      },
      { instruction: "q", nearest: { instruction: "a b c d", score: 0 } },
    ]);
  });

  test("sees nothing in Chinese with the rouge tokenizer, and characters with the unicode one", async () => {
    await put("pool.jsonl", [{ instruction: "写一个关于小狗的故事。" }]);
    await put("candidates.jsonl", [{ instruction: "写一个关于小猫的故事！" }]);
    const rouge = await filterNovelty({ ...paths(), tokenizer: "rouge" });
    expect(rouge.kept).toBe(1);
    const unicode = await filterNovelty({ ...paths(), tokenizer: "unicode" });
    expect(unicode.rejected).toBe(1);
    expect(await rows("rejected.jsonl")).toEqual([
      {
        instruction: "写一个关于小猫的故事！",
        nearest: {
          instruction: "写一个关于小狗的故事。",
          // Nine of ten characters in common: F = 0.9.
          score: expect.closeTo(0.9, 12) as number,
        },
      },
    ]);
  });

  test("takes another field and another threshold", async () => {
    await put("pool.jsonl", [{ text: "a b c d" }]);
    await put("candidates.jsonl", [{ text: "a b c x" }]);
    const options = { ...paths(), field: "text" };
    expect((await filterNovelty(options)).rejected).toBe(1);
    // F = 0.75 is not greater than 0.75.
    expect((await filterNovelty({ ...options, threshold: 0.75 })).kept).toBe(1);
  });

  test("does without a file for rejected rows", async () => {
    await put("pool.jsonl", [{ instruction: story }]);
    await put("candidates.jsonl", [{ instruction: story }]);
    const { pool, candidates, out } = paths();
    const summary = await filterNovelty({ pool, candidates, out });
    expect(summary).toEqual({ pool: 1, candidates: 1, kept: 0, rejected: 1 });
    expect(readdirSync(folder).sort()).toEqual([
      "candidates.jsonl",
      "out.jsonl",
      "pool.jsonl",
    ]);
  });

  test("writes more rows than its queues hold and reports progress to the end", async () => {
    await put("pool.jsonl", []);
    await put(
      "candidates.jsonl",
      Array.from({ length: 5000 }, (_, i) => ({ instruction: `w${i >> 1}` })),
    );
    const progress: { done: number; total: number }[] = [];
    const summary = await filterNovelty({
      ...paths(),
      onProgress: (event) => progress.push(event),
    });
    expect(summary.kept).toBe(2500);
    expect(await rows("out.jsonl")).toHaveLength(2500);
    expect(await rows("rejected.jsonl")).toHaveLength(2500);
    expect(progress[0]).toEqual({ done: 500, total: 5000 });
    expect(progress.at(-1)).toEqual({ done: 5000, total: 5000 });
  });
});

describe("filterNovelty fails with file, line and remedy, and changes nothing, on", () => {
  const good = { instruction: "good" };

  function abortable(): {
    readonly signal: AbortSignal;
    readonly abort: () => void;
  } {
    const controller = new AbortController();
    return {
      signal: controller.signal,
      abort: () => {
        controller.abort(new AutodidactError("INTERRUPTED", "Stopped."));
      },
    };
  }

  async function failure(
    options: Partial<FilterNoveltyOptions> = {},
  ): Promise<AutodidactError> {
    await writeFile(at("out.jsonl"), "old\n");
    const thrown: unknown = await filterNovelty({
      ...paths(),
      ...options,
    }).catch((error: unknown) => error);
    expect(await readFile(at("out.jsonl"), "utf8")).toBe("old\n");
    expect(existsSync(at("rejected.jsonl"))).toBe(false);
    expect(
      readdirSync(folder).filter((name) => name.includes("partial")),
    ).toEqual([]);
    expect(thrown).toBeInstanceOf(AutodidactError);
    return thrown as AutodidactError;
  }

  test("a missing field", async () => {
    await put("pool.jsonl", [good]);
    await put("candidates.jsonl", [good, { text: "x", n: 1 }]);
    const error = await failure();
    expect(error.code).toBe("BAD_INPUT");
    expect(error.message).toBe(
      `${at("candidates.jsonl")}, line 2: there is no field “instruction”; the row has “text”, “n”. Every row must be an object with its text in “instruction”; name another field with --field.`,
    );
    expect(error.details).toMatchObject({ line: 2 });
  });

  test("a field that is not text, in the pool too", async () => {
    await put("pool.jsonl", [good, { instruction: null }]);
    await put("candidates.jsonl", [good]);
    expect((await failure()).message).toContain(
      `${at("pool.jsonl")}, line 2: the field “instruction” is null, not text.`,
    );
  });

  test("a row that is not an object", async () => {
    await put("pool.jsonl", []);
    await put("candidates.jsonl", [["a"]]);
    expect((await failure()).message).toContain(
      "line 1: the row is not a JSON object.",
    );
  });

  test("broken JSON after hundreds of good lines", async () => {
    await put("pool.jsonl", []);
    const file = await put("candidates.jsonl", Array(3000).fill(good));
    await writeFile(file, '{"instruction": "cut', { flag: "a" });
    const error = await failure();
    expect(error.code).toBe("BAD_INPUT");
    expect(error.message).toContain(`${file}, line 3001: is not JSON`);
  });

  test("invalid UTF-8", async () => {
    await put("pool.jsonl", [good]);
    await writeFile(at("candidates.jsonl"), Buffer.from([0x22, 0xff, 0x22]));
    expect((await failure()).message).toContain(
      `${at("candidates.jsonl")}, line 1: is not valid UTF-8`,
    );
  });

  test("a line of 200 MB", async () => {
    await put("pool.jsonl", [good]);
    const handle = await open(at("candidates.jsonl"), "w");
    await handle.truncate(200_000_000);
    await handle.close();
    expect((await failure()).message).toContain(
      `${at("candidates.jsonl")}, line 1: is longer than 64 MiB`,
    );
  });

  test("a missing file, before any work is done", async () => {
    await put("pool.jsonl", [good]);
    const error = await failure();
    expect(error.code).toBe("BAD_INPUT");
    expect(error.message).toMatch(
      /^Cannot read .*candidates\.jsonl.*Check the path\.$/,
    );
    await put("candidates.jsonl", [good]);
    const pool = at("no-such-pool.jsonl");
    expect((await failure({ pool })).message).toMatch(
      /^Cannot read .*no-such-pool\.jsonl.*Check the path\.$/,
    );
  });

  test("an output that is an input or the other output", async () => {
    await put("pool.jsonl", [good]);
    await put("candidates.jsonl", [good]);
    for (const options of [
      { rejected: at("out.jsonl") },
      { candidates: at("out.jsonl") },
      { pool: at("sub/../out.jsonl") },
    ]) {
      const error = await failure(options);
      expect(error.code).toBe("USAGE");
      expect(error.message).toContain("is to be written and is also");
    }
  });

  test("an output that cannot be written", async () => {
    await put("pool.jsonl", [good]);
    await put("candidates.jsonl", Array(5000).fill(good));
    const error = await failure({ rejected: join(at("pool.jsonl"), "x") });
    expect(error.code).toBe("STORAGE");
  });

  test("a threshold outside its range", async () => {
    await put("pool.jsonl", [good]);
    await put("candidates.jsonl", [good]);
    expect((await failure({ threshold: 70 })).code).toBe("USAGE");
  });

  test("an interruption", async () => {
    await put("pool.jsonl", [good]);
    await put("candidates.jsonl", Array(3000).fill(good));
    const { signal, abort } = abortable();
    const error = await failure({
      signal,
      onProgress: ({ done }) => {
        if (done >= 1000) abort();
      },
    });
    expect(error.code).toBe("INTERRUPTED");
  });

  test.each([false, true])(
    "an interruption while a large pool is indexed, with nearest: %s",
    async (nearest) => {
      const pool = Array.from({ length: 5000 }, (_, i) => `w${i}`);
      await put(
        "pool.jsonl",
        pool.map((instruction) => ({ instruction })),
      );
      await put("candidates.jsonl", [good]);
      const { signal, abort } = abortable();
      const check = signal.throwIfAborted.bind(signal);
      let checks = 0;
      signal.throwIfAborted = () => {
        checks++;
        // After the pool's rows, and as a signal does: when the event loop has its turn.
        if (checks === pool.length + 1) setImmediate(abort);
        check();
      };
      expect((await failure({ signal, nearest })).code).toBe("INTERRUPTED");
    },
  );
});

describe("what passes through the filter", () => {
  test("keeps whole numbers beyond 2^53 as they are written", async () => {
    const row = `{"id":12345678901234567890,"weight":1.0,"instruction":"${poem}"}\n`;
    await writeFile(at("pool.jsonl"), "");
    await writeFile(at("candidates.jsonl"), row);
    await filterNovelty(paths());
    expect(await readFile(at("out.jsonl"), "utf8")).toBe(row);
  });

  test("is read once from a pipe", async () => {
    await put("pool.jsonl", []);
    const fifo = at("fifo");
    execFileSync("mkfifo", [fifo]);
    const [summary] = await Promise.all([
      filterNovelty({ ...paths(), candidates: fifo }),
      writeFile(fifo, `[{"instruction":"${poem}"},{"instruction":"${story}"}]`),
    ]);
    expect(summary).toEqual({ pool: 0, candidates: 2, kept: 2, rejected: 0 });
  });

  test("is refused where the nearest text would overwrite a field of the user's", async () => {
    await put("pool.jsonl", [{ instruction: story }]);
    await put("candidates.jsonl", [{ instruction: story, nearest: "mine" }]);
    await expect(filterNovelty(paths())).rejects.toThrow(
      "line 1: the row has a field “nearest”",
    );
    expect(existsSync(at("out.jsonl"))).toBe(false);
  });
});
