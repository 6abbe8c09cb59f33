/**
 * @file What may pass is no result: a spell of bad answers is waited out, a run that
 * gives up closes nothing, and what was given up is asked again by the same command.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { statusCommand } from "../../src/cli/commands/status.js";
import { AutodidactError } from "../../src/foundation/error.js";
import type { GenerationRequest } from "../../src/generation/language-model.js";
import { openLedger } from "../../src/ledger/ledger.js";
import type { Author } from "../../src/pipelines/instruct-stages/author.js";
import type { InstructReport } from "../../src/reporting/instruct/schema.js";
import { endpointAuthor } from "../../src/pipelines/instruct/open-author.js";
import { sentenceOf } from "../../src/reporting/instruct/summary.js";
import { recordedServer, type RecordedServer } from "./recorded-server.js";
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

/** The run in which nothing went wrong. */
let whole: { folder: string; calls: number };
beforeAll(async () => {
  const author = scriptedAuthor();
  const place = await folder();
  await runInstruct(runOptions(place, opener(author), SETTINGS));
  whole = { folder: place, calls: author.asked.length };
});

const textOf = ({ prompt }: GenerationRequest): string =>
  typeof prompt === "string" ? prompt : JSON.stringify(prompt);
const isForInstructions = (request: GenerationRequest): boolean =>
  /\n\d+\.$/u.test(textOf(request));

/** Gives up what `hit` says, as the client does after all attempts. */
const givingUp =
  (hit: (request: GenerationRequest) => boolean) =>
  (inner: Author): Author => ({
    ...inner,
    ask: (request) =>
      hit(request)
        ? Promise.resolve({
            refusal: new AutodidactError(
              "ENDPOINT",
              "The endpoint failed after 5 attempts (HTTP 500).",
              { failure: "again", refusal: "may-pass" },
            ),
          })
        : inner.ask(request),
  });

async function statusOf(place: string): Promise<string> {
  const printed: string[] = [];
  await statusCommand.run(
    { run: place },
    {
      json: false,
      signal: new AbortController().signal,
      onEvent: () => undefined,
      print: (text) => printed.push(text),
      printJson: () => undefined,
      remark: () => undefined,
    },
  );
  return printed.join("\n");
}

describe("a question that had to be given up", () => {
  it("leaves the run incomplete in every account, and is asked by the next run alone", async () => {
    const place = await folder();
    const author = scriptedAuthor();
    const unlucky = givingUp(
      (request) =>
        !isForInstructions(request) && textOf(request).length % 5 === 0,
    );
    await expect(
      runInstruct(runOptions(place, opener(author, unlucky), SETTINGS)),
    ).rejects.toMatchObject({
      code: "ENDPOINT",
      message: expect.stringMatching(
        /^The run is not complete: \d+ questions had to be given up\. The first: .*HTTP 500.*same command asks/u,
      ) as string,
    });
    const report = JSON.parse(
      await readFile(join(place, "report.json"), "utf8"),
    ) as InstructReport;
    const [, ...questions] = report.waterfall;
    for (const stage of questions) {
      const lost = stage.rejected.reduce((sum, { count }) => sum + count, 0);
      expect(stage.givenUp).toBeGreaterThan(0);
      expect(stage.failed).toBe(stage.givenUp);
      expect(stage.requested).toBe(stage.accepted + lost + stage.failed);
    }
    expect(sentenceOf(report)).toMatch(
      /Not complete: \d+ questions had to be/u,
    );
    const page = await readFile(join(place, "report.html"), "utf8");
    expect(page).toMatch(/verdict caution[^]*Incomplete/u);
    expect(page).not.toMatch(/<\/span> Complete/u);
    // What the endpoint said is for whoever asked it, and no part of the data.
    expect(page).toContain("failed after 5 attempts");
    const rejected = await readFile(
      join(place, "dataset", "rejected.jsonl"),
      "utf8",
    );
    expect(rejected).toMatch(/"request-given-up".*\{"code":"ENDPOINT"\}/u);
    for (const name of ["rejected.jsonl", "README.md"])
      expect(
        await readFile(join(place, "dataset", name), "utf8"),
      ).not.toContain("failed after 5 attempts");
    expect(await statusOf(place)).toMatch(/Not complete: \d+ questions/u);

    const bought = author.asked.length;
    await runInstruct(runOptions(place, opener(author), SETTINGS));
    expect(author.asked).toHaveLength(whole.calls);
    expect(author.asked.slice(bought).some(isForInstructions)).toBe(false);
    expect(await datasetHashes(place)).toEqual(
      await datasetHashes(whole.folder),
    );
    expect(await statusOf(place)).not.toMatch(/Not complete/u);
  });
});

describe("a request for instructions that had to be given up", () => {
  it("ends the process with its error and closes nothing; the same command goes on", async () => {
    const place = await folder();
    const author = scriptedAuthor();
    let requests = 0;
    const unlucky = givingUp(
      (request) => isForInstructions(request) && ++requests === 9,
    );
    await expect(
      runInstruct(runOptions(place, opener(author, unlucky), SETTINGS)),
    ).rejects.toThrow(/HTTP 500/u);
    const ledger = openLedger({ path: join(place, "ledger.db"), mode: "read" });
    expect(ledger.count("rejections", { where: { subject: "request" } })).toBe(
      0,
    );
    expect(ledger.counts().at(-1)).toMatchObject({
      name: "instructions",
      status: "open",
    });
    ledger.close();
    await runInstruct(runOptions(place, opener(author), SETTINGS));
    expect(author.asked).toHaveLength(whole.calls);
    expect(await datasetHashes(place)).toEqual(
      await datasetHashes(whole.folder),
    );
  });
});

describe("a spell of HTTP 500 from everything", () => {
  let failing = false;
  let server: RecordedServer;
  let calm: string;
  const run = (place: string, patienceMs: number) =>
    runInstruct(
      runOptions(
        place,
        endpointAuthor({
          endpoint: {
            baseUrl: server.url,
            model: "recorded",
            api: "completions",
            maxAttempts: 2,
            patienceMs,
          },
          limits: {},
          signal: new AbortController().signal,
        }),
        SETTINGS,
      ),
    );
  beforeAll(async () => {
    server = await recordedServer(() => failing);
    calm = await folder();
    await run(calm, 60_000);
  });
  afterAll(() => server.close());

  it("is waited out, and changes nothing", async () => {
    const place = await folder();
    void server.afterAnswers(20).then(() => {
      failing = true;
      setTimeout(() => {
        failing = false;
      }, 2500);
    });
    const report = await run(place, 60_000);
    expect(report.waterfall.map(({ failed }) => failed)).toEqual([0, 0, 0]);
    expect(await datasetHashes(place)).toEqual(await datasetHashes(calm));
  });

  it.each([4, 30, 60])(
    "longer than patience stops the run after %i answers with the error, and the same command goes on",
    async (answers) => {
      const place = await folder();
      server.answered.clear();
      void server.afterAnswers(answers).then(() => {
        failing = true;
      });
      await expect(run(place, 700)).rejects.toMatchObject({
        code: "ENDPOINT",
        message: expect.stringMatching(/HTTP 500.*same command/u) as string,
      });
      failing = false;
      const report = await run(place, 60_000);
      expect(report.waterfall.map(({ failed }) => failed)).toEqual([0, 0, 0]);
      expect(await datasetHashes(place)).toEqual(await datasetHashes(calm));
      expect([...server.answered.values()].every((n) => n === 1)).toBe(true);
    },
  );
});
