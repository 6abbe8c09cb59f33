/**
 * @file Another `--accept` in the folder of a run: more, fewer, and fewer than there
 * are.
 */
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { writeJsonLines } from "../../src/foundation/json-lines.js";
import { readBundledSeeds } from "../../src/instruct/seed-set.js";
import { openLedger } from "../../src/ledger/ledger.js";
import {
  datasetHashes,
  opener,
  runInstruct,
  runOptions,
  testFolders,
} from "./run-folder.js";
import { scriptedAuthor } from "./scripted-author.js";

const SETTINGS = { accept: 40, inFlight: 6, seed: 11 };

const folder = testFolders();

/** Asked for 40 at once. */
let whole: { folder: string; calls: number };
beforeAll(async () => {
  const author = scriptedAuthor();
  const place = await folder();
  await runInstruct(runOptions(place, opener(author), SETTINGS));
  whole = { folder: place, calls: author.asked.length };
});

describe("a run", () => {
  it("asked for more goes on, buys nothing twice, and is as if it had been asked for at once", async () => {
    const place = await folder();
    const author = scriptedAuthor();
    for (const accept of [5, 20, 40]) {
      await runInstruct(
        runOptions(place, opener(author), { ...SETTINGS, accept }),
      );
    }
    expect(author.asked).toHaveLength(whole.calls);
    expect(await datasetHashes(place)).toEqual(
      await datasetHashes(whole.folder),
    );
    // More with another seed would be another run.
    await expect(
      runInstruct(
        runOptions(place, opener(author), {
          ...SETTINGS,
          accept: 50,
          seed: 12,
        }),
      ),
    ).rejects.toMatchObject({ code: "LEDGER" });
    expect(await readdir(place)).not.toContain("ledger.db.next");
  });

  it.each([20, 30])(
    "whose seed file has changed is refused with the file's name before anything is touched (--accept %i)",
    async (accept) => {
      const place = await folder();
      const seeds = join(await folder(), "seeds.jsonl");
      await writeJsonLines(seeds, await readBundledSeeds("en"));
      const original = await readFile(seeds, "utf8");
      const author = scriptedAuthor();
      const options = (wanted: number) =>
        runOptions(place, opener(author), {
          ...SETTINGS,
          seeds,
          accept: wanted,
        });
      await runInstruct(options(20));
      const bought = author.asked.length;
      const before = await datasetHashes(place);
      await writeFile(seeds, original.split("\n").slice(1).join("\n"));
      await expect(runInstruct(options(accept))).rejects.toMatchObject({
        code: "LEDGER",
        message: `The seed file ${seeds} has changed since the run of ${join(place, "ledger.db")} began: its answers belong to the old seeds. Restore the file to go on, or begin a new run with the new one in another --run-dir. Nothing was changed.`,
      });
      expect(author.asked).toHaveLength(bought);
      expect(await datasetHashes(place)).toEqual(before);
      await writeFile(seeds, original);
      expect((await runInstruct(options(accept))).accepted).toBe(accept);
    },
  );

  it("asked for fewer than it accepted is refused with both numbers and with what gives fewer", async () => {
    const before = await datasetHashes(whole.folder);
    await expect(
      runInstruct(
        runOptions(whole.folder, opener(scriptedAuthor()), {
          ...SETTINGS,
          accept: 20,
        }),
      ),
    ).rejects.toMatchObject({
      code: "LEDGER",
      message: `${whole.folder} has accepted 40 instructions already, and --accept asks for 20. Nothing that was accepted is taken away: ask for 40 or more, or take the first 20 out of the same answers, at no cost, with --replay ${whole.folder} --accept 20 and another --run-dir.`,
    });
    expect(await datasetHashes(whole.folder)).toEqual(before);
    // What the message offers does what it says.
    const place = await folder();
    const author = scriptedAuthor();
    const report = await runInstruct({
      ...runOptions(place, opener(author), { ...SETTINGS, accept: 20 }),
      replay: whole.folder,
    });
    expect(author.asked).toEqual([]);
    expect(report).toMatchObject({ stop: "accepted", accepted: 20 });
    const instructionsOf = (at: string): string[] => {
      const ledger = openLedger({ path: join(at, "ledger.db"), mode: "read" });
      const texts = [...ledger.read("prompts", { stage: "instructions" })].map(
        ({ text }) => text,
      );
      ledger.close();
      return texts;
    };
    expect(instructionsOf(place)).toEqual(
      instructionsOf(whole.folder).slice(0, 20),
    );
  });

  it("stopped early may be asked for fewer, down to what it accepted, and buys nothing twice", async () => {
    const place = await folder();
    const author = scriptedAuthor();
    const stop = new AbortController();
    await expect(
      runInstruct({
        ...runOptions(place, opener(author), SETTINGS),
        signal: stop.signal,
        onYield: ({ accepted }) => {
          if (accepted >= 10) stop.abort();
        },
      }),
    ).rejects.toMatchObject({ code: "INTERRUPTED" });
    const report = await runInstruct(
      runOptions(place, opener(author), { ...SETTINGS, accept: 30 }),
    );
    expect(report).toMatchObject({ stop: "accepted", accepted: 30 });
    const keys = author.asked.map((request) => JSON.stringify(request));
    expect(new Set(keys).size).toBe(keys.length);
  });
});
