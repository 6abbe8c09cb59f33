/**
 * @file What a run will take, said before it starts and kept in its report.
 */
import { beforeAll, describe, expect, it } from "vitest";
import { AutodidactError } from "../../src/foundation/error.js";
import type { Author } from "../../src/pipelines/instruct-stages/author.js";
import type { InstructReport } from "../../src/reporting/instruct/schema.js";
import { opener, runInstruct, runOptions, testFolders } from "./run-folder.js";
import { scriptedAuthor } from "./scripted-author.js";

const SETTINGS = { accept: 40, inFlight: 6, seed: 11 };

const folder = testFolders();

/** The run that was never stopped. */
let whole: { report: InstructReport; calls: number };
beforeAll(async () => {
  const author = scriptedAuthor();
  const report = await runInstruct(
    runOptions(await folder(), opener(author), SETTINGS),
  );
  whole = { report, calls: author.asked.length };
});

describe("a run", () => {
  it("states before it starts what it will take, from its own first requests", async () => {
    const estimates: unknown[] = [];
    const author = scriptedAuthor();
    await runInstruct({
      ...runOptions(await folder(), opener(author), SETTINGS),
      onEstimate: (estimate) => estimates.push(estimate),
    });
    expect(estimates).toEqual([whole.report.estimate]);
    expect(whole.report.estimate?.expected?.requests).toBeGreaterThan(40 * 2);
    // The probe's answers were used again: nothing was asked twice.
    const keys = author.asked.map((request) => JSON.stringify(request));
    expect(new Set(keys).size).toBe(keys.length);
  });

  it.each([1, 2, 3, 5, 7, 9, 11, 30])(
    "keeps that in its report when it was stopped after %i answers and went on",
    async (allowed) => {
      const place = await folder();
      const author = scriptedAuthor();
      const limited = (inner: Author): Author => ({
        ...inner,
        ask: (request) =>
          author.asked.length < allowed
            ? inner.ask(request)
            : Promise.reject(new AutodidactError("BUDGET", "spent")),
      });
      await expect(
        runInstruct(runOptions(place, opener(author, limited), SETTINGS)),
      ).rejects.toThrow("spent");
      const report = await runInstruct(
        runOptions(place, opener(author), SETTINGS),
      );
      expect(report.estimate).toEqual(whole.report.estimate);
      expect(author.asked).toHaveLength(whole.calls);
    },
  );

  it.each([1, 5, 20])(
    "of %i instructions buys no more than it needs, and says so before",
    async (accept) => {
      const author = scriptedAuthor();
      const report = await runInstruct(
        runOptions(await folder(), opener(author), { accept, seed: 11 }),
      );
      expect(report.accepted).toBe(accept);
      // About five of the seven in an answer are accepted.
      const requests = author.asked.length - 2 * accept;
      expect(requests).toBeLessThanOrEqual(Math.ceil(accept / 5) + 1);
      const expected = report.estimate?.expected?.requests ?? 0;
      expect(expected).toBeGreaterThanOrEqual(author.asked.length - 2);
      // One instruction in five has no readable kind, so its instances are not asked for.
      const spared = Math.ceil(accept / 5) + 2;
      expect(expected).toBeLessThanOrEqual(author.asked.length + spared);
    },
  );
});
