/**
 * @file A recorded run replays offline; a key is written nowhere.
 */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openRecordingFile } from "../../src/answers/recording-file.js";
import { diagnoseEndpoint } from "../../src/endpoints/diagnose.js";
import { openEndpoint } from "../../src/endpoints/endpoint.js";
import { startFaultServer } from "./fault-server.js";

const SECRET = "sk-very-secret-0123456789abcdef";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "record-"));
});
afterEach(() => rm(folder, { recursive: true }));

const requests = Array.from({ length: 12 }, (_, index) => ({
  prompt: `question ${index}`,
  n: 2,
  seed: 1,
  temperature: 0.7,
  topP: 1,
  topK: 0,
  maxTokens: 20,
  stop: [],
}));

describe("a recording", () => {
  it("replays with no server and no key, and gives the same answers", async () => {
    const path = join(folder, "calls.jsonl");
    const server = await startFaultServer({ key: SECRET });
    const settings = {
      baseUrl: server.url,
      model: "m",
      apiKeyVariable: "LAB_KEY",
    };
    const file = await openRecordingFile(path, "record");
    const live = openEndpoint(settings, {
      store: file,
      environment: { LAB_KEY: SECRET },
    });
    const answers = await live.generate(requests);
    await live.close();
    await file.close();
    await server.kill();

    const recording = await openRecordingFile(path, "replay");
    const replayed = openEndpoint(settings, {
      store: recording,
      replayOf: path,
      environment: {},
    });
    expect(await replayed.generate(requests)).toEqual(answers);
    expect(replayed.status()).toMatchObject({ attempts: 0, reused: 12 });
    await expect(
      replayed.generate([
        { ...(requests[0] as (typeof requests)[number]), prompt: "new one" },
      ]),
    ).rejects.toMatchObject({
      code: "BAD_INPUT",
      message: expect.stringContaining(
        `${path} has no answer for sample 0 of the request to "m" that begins "new one"`,
      ) as string,
    });
    await replayed.close();
    await recording.close();
  });
});

describe("a key", () => {
  it("is in nothing that is written, thrown or shown", async () => {
    const path = join(folder, "calls.jsonl");
    // This server puts the key into its answers and its errors.
    const server = await startFaultServer({
      key: SECRET,
      faultFor: (number) =>
        number === 5
          ? { status: 400, body: `{"error": "bad: Bearer ${SECRET}"}` }
          : undefined,
    });
    const file = await openRecordingFile(path, "record");
    const settings = {
      baseUrl: server.url,
      model: `m ${"x".repeat(3)}`,
      apiKeyVariable: "LAB_KEY",
    };
    const parts = { store: file, environment: { LAB_KEY: SECRET } };
    const model = openEndpoint(settings, parts);
    const shown: unknown[] = [model, model.identity, settings];
    await model.generate(requests).catch((error: unknown) => shown.push(error));
    shown.push(model.status());
    const wrong = openEndpoint(settings, {
      environment: { LAB_KEY: `${SECRET}-wrong` },
    });
    await wrong.generate(requests).catch((error: unknown) => shown.push(error));
    shown.push(
      await diagnoseEndpoint(settings, {
        environment: { LAB_KEY: `${SECRET}-wrong` },
        spendOneToken: true,
      }),
    );
    await Promise.all([model.close(), wrong.close(), file.close()]);
    await server.kill();

    expect(shown).toHaveLength(7);
    expect(file.size).toBeGreaterThan(0);
    const texts = shown.map(
      (item) =>
        inspect(item, { depth: 20, showHidden: true }) + JSON.stringify(item),
    );
    for (const name of await readdir(folder))
      texts.push(await readFile(join(folder, name), "utf8"));
    expect(texts.filter((text) => text.includes(SECRET))).toEqual([]);
    expect(texts.join()).toContain("bad: Bearer [key]");
  });
});
