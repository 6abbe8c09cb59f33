/**
 * @file Whole Self-Instruct runs over a scripted model: exactly N, balanced books,
 * the same bytes in whatever order answers come and however often it is stopped.
 */
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, describe, expect, it } from "vitest";
import { exportCommand } from "../../src/cli/commands/export.js";
import { reportCommand } from "../../src/cli/commands/report.js";
import type { CommandIo } from "../../src/cli/io.js";
import type { SeedTask } from "../../src/data/formats/instruction-records.js";
import { readSeedTasks } from "../../src/data/formats/seed-tasks.js";
import { AutodidactError } from "../../src/foundation/error.js";
import { randomStream } from "../../src/foundation/random.js";
import type { GenerationRequest } from "../../src/generation/language-model.js";
import { openLedger } from "../../src/ledger/ledger.js";
import type { Author } from "../../src/pipelines/instruct-stages/author.js";
import { answersSeen } from "../../src/instruct/bootstrap-lag.js";
import type { InstructReport } from "../../src/reporting/instruct/schema.js";
import { sentenceOf } from "../../src/reporting/instruct/summary.js";
import { readRecordedRun } from "../../src/pipelines/instruct/replay.js";
import { rougeL } from "../../src/text/rouge-l.js";
import { wordTokens } from "../../src/text/word-tokens.js";
import {
  datasetHashes,
  datasetRows,
  opener,
  runInstruct,
  runOptions,
  testFolders,
} from "./run-folder.js";
import { scriptedAuthor } from "./scripted-author.js";

const SETTINGS = { accept: 40, inFlight: 6, seed: 11 };

const folder = testFolders();

function listen(): { readonly printed: string[]; readonly io: CommandIo } {
  const printed: string[] = [];
  const io: CommandIo = {
    json: false,
    signal: new AbortController().signal,
    onEvent: () => undefined,
    print: (text) => printed.push(text),
    printJson: () => undefined,
    remark: () => undefined,
  };
  return { printed, io };
}

/** A row of rejected.jsonl. */
interface Rejected {
  readonly rule: string;
  readonly text: string;
  readonly nearest?: { readonly instruction: string; readonly score: number };
}

/** The run that all others are compared with. */
let whole: { folder: string; report: InstructReport; calls: number };
beforeAll(async () => {
  const author = scriptedAuthor();
  const place = await folder();
  const report = await runInstruct(runOptions(place, opener(author), SETTINGS));
  whole = { folder: place, report, calls: author.asked.length };
});

describe("a run", () => {
  it("accepts exactly as many instructions as asked for, all novel, all filtered", async () => {
    expect(whole.report.stop).toBe("accepted");
    expect(whole.report.accepted).toBe(40);
    const ledger = openLedger({
      path: join(whole.folder, "ledger.db"),
      mode: "read",
    });
    const instructions = [
      ...ledger.read("prompts", { stage: "instructions" }),
    ].map(({ text }) => text);
    const seeds = [...ledger.read("seed_tasks")].map(
      ({ instruction }) => instruction,
    );
    ledger.close();
    expect(instructions).toHaveLength(40);
    const all = [...seeds, ...instructions].map((text) => wordTokens(text));
    all.slice(seeds.length).forEach((tokens, place) => {
      const earlier = all.slice(0, seeds.length + place);
      const nearest = Math.max(
        ...earlier.map((other) => rougeL(other, tokens).fMeasure),
      );
      expect(nearest).toBeLessThanOrEqual(0.7);
    });
    expect(instructions.join()).not.toMatch(/Draw|Too short/u);
  });

  it("leaves a log from its beginning to its end", async () => {
    const log = await readFile(join(whole.folder, "run.log"), "utf8");
    const types = log
      .trim()
      .split("\n")
      .map((line) => /"type":"([^"]+)"/.exec(line)?.[1]);
    expect(types).toEqual([
      "run-start",
      ...Array.from({ length: 5 }, () => ["stage-start", "stage-end"]).flat(),
      "run-end",
    ]);
  });

  it("balances its books at every stage, by rule", () => {
    expect(whole.report.waterfall.map(({ stage }) => stage)).toEqual([
      "instructions",
      "classification",
      "instances",
    ]);
    for (const stage of whole.report.waterfall) {
      const lost = stage.rejected.reduce((sum, { count }) => sum + count, 0);
      expect(stage.requested).toBe(stage.accepted + lost + stage.failed);
      expect(stage.pending).toBe(0);
    }
    const rules = whole.report.waterfall.flatMap(({ rejected }) =>
      rejected.map(({ name }) => name),
    );
    expect(rules).toEqual(
      expect.arrayContaining([
        "forbidden-word",
        "too-short",
        "truncated-last-item",
        "unreadable",
        "no-structure",
        "output-equals-input",
        "duplicate-instance",
      ]),
    );
  });

  it("records the nearest neighbour of every instruction where that is asked for", async () => {
    const place = await folder();
    await runInstruct(
      runOptions(place, opener(scriptedAuthor()), {
        ...SETTINGS,
        accept: 10,
        nearest: true,
      }),
    );
    const judged = ["too-short", "forbidden-word", "not-novel"];
    const rejected = await datasetRows<Rejected>(place, "rejected.jsonl");
    const found = rejected.filter(({ rule }) => judged.includes(rule));
    expect(new Set(found.map(({ rule }) => rule)).size).toBe(judged.length);
    expect(found.filter(({ nearest }) => nearest === undefined)).toEqual([]);
  });

  it("records each rejection for similarity with its nearest neighbour and score", () => {
    const ledger = openLedger({
      path: join(whole.folder, "ledger.db"),
      mode: "read",
    });
    const similar = [
      ...ledger.read("rejections", { where: { rule: "not-novel" } }),
    ];
    for (const { text, score, nearestTable, nearestId } of similar) {
      expect(score).toBeGreaterThan(0.7);
      const nearest =
        nearestTable === "seed_tasks"
          ? ledger.get("seed_tasks", nearestId ?? 0).instruction
          : ledger.get("prompts", nearestId ?? 0).text;
      expect(rougeL(wordTokens(nearest), wordTokens(text ?? "")).fMeasure).toBe(
        score,
      );
    }
    ledger.close();
    expect(similar.length).toBeGreaterThan(0);
  });

  it("shows each request only what the pool held when its turn came", () => {
    const ledger = openLedger({
      path: join(whole.folder, "ledger.db"),
      mode: "read",
    });
    const requestOf = new Map(
      [...ledger.read("prompts", { stage: "instructions" })].map((row) => [
        row.id,
        (row.evidence as { readonly request: number }).request,
      ]),
    );
    const sources = [
      ...ledger.read("prompt_sources", { stage: "instructions" }),
    ];
    ledger.close();
    const machine = sources.filter((source) => source.sourcePromptId !== null);
    expect(machine.length).toBeGreaterThan(0);
    for (const { promptId, sourcePromptId } of machine) {
      const made = requestOf.get(promptId) ?? 0;
      const shown = requestOf.get(sourcePromptId ?? 0) ?? Infinity;
      expect(shown).toBeLessThan(answersSeen(made, SETTINGS.inFlight));
    }
  });

  it("shows the model two of its own instructions from the second request on, however many may be in flight", async () => {
    const place = await folder();
    const author = scriptedAuthor();
    await runInstruct(
      runOptions(place, opener(author), { accept: 20, seed: 11 }),
    );
    const ledger = openLedger({ path: join(place, "ledger.db"), mode: "read" });
    const own = [...ledger.read("prompts", { stage: "instructions" })].map(
      ({ text }) => text,
    );
    ledger.close();
    const shown = author.asked
      .map(({ prompt }) => (typeof prompt === "string" ? prompt : ""))
      .filter((prompt) => /\n\d+\.$/u.test(prompt))
      .map((prompt) => own.filter((text) => prompt.includes(text)).length);
    expect(shown.slice(0, 4)).toEqual([0, 2, 2, 2]);
  });

  it("leaves a data set in all formats that agree with each other", async () => {
    const tasks = await readSeedTasks(
      join(whole.folder, "dataset", "self-instruct.jsonl"),
    );
    const rows = tasks.flatMap((task: SeedTask) =>
      task.instances.map((instance) => ({
        instruction: task.instruction,
        ...instance,
      })),
    );
    expect(rows).toHaveLength(whole.report.data.counts.instances);
    const alpaca = JSON.parse(
      await readFile(join(whole.folder, "dataset", "alpaca.json"), "utf8"),
    ) as unknown;
    expect(alpaca).toEqual(rows);
    const chat = await datasetRows<{
      readonly messages: readonly { readonly content: string }[];
    }>(whole.folder, "chat.jsonl");
    expect(chat.map(({ messages }) => messages[1]?.content)).toEqual(
      rows.map(({ output }) => output),
    );
    const training = await datasetRows<{
      readonly prompt: string;
      readonly completion: string;
    }>(whole.folder, "training.jsonl");
    expect(training.map(({ completion }) => completion.trim())).toEqual(
      rows.map(({ output }) => output),
    );
    const rejected = await datasetRows<Rejected>(
      whole.folder,
      "rejected.jsonl",
    );
    expect(rejected).toHaveLength(
      whole.report.waterfall.reduce(
        (sum, stage) => sum + stage.requested - stage.accepted,
        0,
      ),
    );
    const similar = rejected.filter(({ rule }) =>
      ["not-novel", "duplicate"].includes(rule),
    );
    expect(similar.length).toBeGreaterThan(0);
    for (const { text, nearest } of similar) {
      const score = rougeL(
        wordTokens(nearest?.instruction ?? ""),
        wordTokens(text),
      ).fMeasure;
      expect(nearest?.score).toBe(score);
    }
    const card = await readFile(
      join(whole.folder, "dataset", "README.md"),
      "utf8",
    );
    expect(card).toContain("config_name: default");
    expect(card).toContain("| | **accepted** | **40** |");
  });

  it("has a page that `report` draws anew, and rows that `export` finds", async () => {
    const page = join(whole.folder, "report.html");
    const before = await readFile(page, "utf8");
    await rm(page);
    const { printed, io } = listen();
    await reportCommand.run({ run: whole.folder }, io);
    expect(await readFile(page, "utf8")).toBe(before);
    expect(printed[0]).toMatch(/^40 instructions with/u);
    const out = join(await folder(), "messages.jsonl");
    const source = { run: whole.folder, data: undefined, dataset: undefined };
    await exportCommand.run({ ...source, format: "messages", out }, io);
    const rows = (await readFile(out, "utf8")).trim().split("\n");
    expect(rows).toHaveLength(whole.report.data.counts.instances);
    await expect(
      exportCommand.run({ ...source, format: "dpo", out: `${out}.dpo` }, io),
    ).rejects.toThrow(/alpaca\.json/u);
  });

  it("refuses to draw the report of a version that counted other things", async () => {
    const place = await folder();
    const { verbs, ...data } = whole.report.data;
    const old = { ...whole.report, data: { ...data, verbs: { found: 1 } } };
    expect(verbs.byVerb.length).toBeGreaterThan(0);
    await writeFile(join(place, "report.json"), JSON.stringify(old));
    await expect(
      reportCommand.run({ run: place }, listen().io),
    ).rejects.toThrow(
      /report\.json is not a report of this version: field "data\.verbs\./u,
    );
  });

  it("is the same however many requests are enough", async () => {
    const [few, many] = await Promise.all(
      [10, 60].map(async (accept) => {
        const place = await folder();
        const settings = { accept, inFlight: 3, seed: 4 };
        await runInstruct(
          runOptions(place, opener(scriptedAuthor()), settings),
        );
        return datasetRows<SeedTask>(place, "self-instruct.jsonl");
      }),
    );
    expect(few?.length).toBeGreaterThan(5);
    expect(many?.slice(0, few?.length)).toEqual(few);
  });

  it("asked again when it is finished gives the same without asking the model", async () => {
    const author = scriptedAuthor();
    const before = await datasetHashes(whole.folder);
    const again = await runInstruct(
      runOptions(whole.folder, opener(author), SETTINGS),
    );
    expect(author.asked).toEqual([]);
    expect(again.waterfall).toEqual(whole.report.waterfall);
    expect(await datasetHashes(whole.folder)).toEqual(before);
  });

  it("asked for with other settings in the same folder is refused with the key", async () => {
    await expect(
      runInstruct(
        runOptions(whole.folder, opener(scriptedAuthor()), {
          ...SETTINGS,
          novelty: 0.5,
        }),
      ),
    ).rejects.toThrow(/novelty/u);
  });
});

describe("the order in which answers come", () => {
  it.each([5, 6])("changes nothing (delays of stream %i)", async (seed) => {
    const delays = randomStream(seed);
    const late = (inner: Author): Author => ({
      ...inner,
      ask: async (request) => {
        await sleep(delays.integer(6));
        return inner.ask(request);
      },
    });
    const place = await folder();
    await runInstruct(
      runOptions(place, opener(scriptedAuthor(), late), SETTINGS),
    );
    expect(await datasetHashes(place)).toEqual(
      await datasetHashes(whole.folder),
    );
  });
});

describe("a run that is stopped", () => {
  it("by its budget says so, and goes on to the same end without asking anything twice", async () => {
    const place = await folder();
    const author = scriptedAuthor();
    let stops = 0;
    for (let allowed = 7; ; allowed += 17) {
      const limited = (inner: Author): Author => ({
        ...inner,
        ask: (request) =>
          author.asked.length < allowed
            ? inner.ask(request)
            : Promise.reject(new AutodidactError("BUDGET", "spent")),
      });
      try {
        await runInstruct(runOptions(place, opener(author, limited), SETTINGS));
        break;
      } catch (error) {
        expect((error as AutodidactError).code).toBe("BUDGET");
        stops++;
      }
    }
    expect(stops).toBeGreaterThan(2);
    expect(author.asked).toHaveLength(whole.calls);
    expect(await datasetHashes(place)).toEqual(
      await datasetHashes(whole.folder),
    );
  });

  it("by the user keeps what it has", async () => {
    const place = await folder();
    const stop = new AbortController();
    const author = scriptedAuthor();
    const options = runOptions(place, opener(author), SETTINGS);
    await expect(
      runInstruct({
        ...options,
        signal: stop.signal,
        onYield: ({ accepted }) => {
          if (accepted > 10) stop.abort();
        },
      }),
    ).rejects.toThrow(/Stopped as asked/u);
    await runInstruct(options);
    expect(author.asked).toHaveLength(whole.calls);
    expect(await datasetHashes(place)).toEqual(
      await datasetHashes(whole.folder),
    );
  });
});

describe("a request that the endpoint refuses", () => {
  it("is counted, ends nothing, and is not asked again", async () => {
    const place = await folder();
    const author = scriptedAuthor();
    let refusals = 0;
    const picky = (inner: Author): Author => ({
      ...inner,
      ask: (request) => {
        if (JSON.stringify(request.prompt).length % 5 !== 0)
          return inner.ask(request);
        refusals++;
        return Promise.resolve({
          refusal: new AutodidactError("ENDPOINT", "too long"),
        });
      },
    });
    const options = runOptions(place, opener(author, picky), SETTINGS);
    const report = await runInstruct(options);
    const [instructions] = report.waterfall;
    expect(instructions?.failed).toBeGreaterThan(0);
    expect(report.accepted).toBe(40);
    const before = refusals;
    await runInstruct(options);
    expect(refusals).toBe(before);
  });
});

describe("a model that has nothing new to say", () => {
  it("is stopped after the allowed number of barren requests, with the reason", async () => {
    const tired = {
      ...scriptedAuthor(),
      generate: (requests: readonly unknown[]) =>
        Promise.resolve(
          requests.map(() => [
            {
              text: " Describe the village pond in winter.",
              tokens: 8,
              finishReason: "stop" as const,
            },
          ]),
        ),
    };
    const place = await folder();
    await expect(
      runInstruct(
        runOptions(place, opener(tired), { ...SETTINGS, barrenRequests: 9 }),
      ),
    ).rejects.toMatchObject({
      code: "GATE",
      message: expect.stringMatching(
        /data set is empty: 1 instruction was accepted, .*classification kept 0 of 1/u,
      ) as unknown,
    });
    const report = JSON.parse(
      await readFile(join(place, "report.json"), "utf8"),
    ) as InstructReport;
    expect(report.stop).toBe("barren");
    expect(report.accepted).toBe(1);
    expect(report.wanted).toBe(40);
    const [stage] = report.waterfall;
    expect(stage?.rejected[0]?.name).toBe("duplicate");
  });
});

describe("a model that writes nothing readable", () => {
  it("is stopped after a few answers, and its run ends with the reason and an example", async () => {
    const author = scriptedAuthor();
    const babbling = {
      ...author,
      generate: (requests: readonly GenerationRequest[]) => {
        author.asked.push(...requests);
        return Promise.resolve(
          requests.map(() => [
            { text: "", tokens: 0, finishReason: "stop" as const },
          ]),
        );
      },
    };
    const place = await folder();
    const options = runOptions(place, opener(babbling), SETTINGS);
    await expect(runInstruct(options)).rejects.toMatchObject({
      code: "GATE",
      message: expect.stringMatching(
        /No instruction was accepted from 12 requests: 12 of 12 .*"empty-answer"/u,
      ) as unknown,
    });
    expect(author.asked).toHaveLength(12);
    // It is the same run's end, not another one's beginning.
    await expect(runInstruct(options)).rejects.toMatchObject({ code: "GATE" });
    expect(author.asked).toHaveLength(12);
  });

  it("is shown by the beginning of what it wrote", async () => {
    const babbling = {
      ...scriptedAuthor(),
      generate: (requests: readonly unknown[]) =>
        Promise.resolve(
          requests.map(() => [
            {
              text: "walla walla washington ".repeat(20),
              tokens: 9,
              finishReason: "stop" as const,
            },
          ]),
        ),
    };
    await expect(
      runInstruct(
        runOptions(await folder(), opener(babbling), {
          ...SETTINGS,
          style: "chat",
        }),
      ),
    ).rejects.toThrow(/"no-structure" .* one begins "walla walla/u);
  });
});

describe("a replay", () => {
  const replayed = async (settings: Parameters<typeof runOptions>[2]) => {
    const place = await folder();
    const author = scriptedAuthor();
    const source = openLedger({
      path: join(whole.folder, "ledger.db"),
      mode: "read",
    });
    const { pieces } = readRecordedRun(source);
    source.close();
    const report = await runInstruct({
      ...runOptions(place, opener(author), {
        ...SETTINGS,
        accept: pieces,
        barrenRequests: pieces,
        ...settings,
      }),
      replay: whole.folder,
    });
    expect(author.asked).toEqual([]);
    return { report, place };
  };

  it("with the same settings accepts the same, and the surplus of the last requests", async () => {
    const { report, place } = await replayed({});
    expect(report.stop).toBe("end-of-record");
    const surplus = whole.report.waterfall[0]?.rejected.find(
      ({ name }) => name === "surplus",
    );
    expect(report.accepted).toBe(40 + (surplus?.count ?? 0));
    const [now, then] = await Promise.all(
      [place, whole.folder].map((at) =>
        datasetRows<SeedTask>(at, "self-instruct.jsonl"),
      ),
    );
    expect(now?.map(({ instruction }) => instruction)).toEqual(
      then?.map(({ instruction }) => instruction),
    );
  });

  it("with a lower threshold accepts fewer, with rules off more, and never asks the model", async () => {
    const strict = await replayed({ novelty: 0.4 });
    expect(strict.report.accepted).toBeLessThan(40);
    const loose = await replayed({
      novelty: 1,
      withoutRules: ["too-short", "forbidden-word"],
    });
    expect(loose.report.accepted).toBeGreaterThan(40);
    // Instructions that the recorded run refused have no recorded kind.
    expect(loose.report.waterfall[1]?.failed).toBe(loose.report.accepted - 40);
    expect(sentenceOf(loose.report)).toContain(
      ` for want of a recorded answer: ${loose.report.accepted - 40}, about instructions`,
    );
    expect(sentenceOf(whole.report)).not.toContain("recorded answer");
  });

  it("of a folder without a run is refused", async () => {
    const place = await folder();
    await expect(
      runInstruct({
        ...runOptions(await folder(), opener(scriptedAuthor()), SETTINGS),
        replay: place,
      }),
    ).rejects.toThrow(/records no answers/u);
  });
});
