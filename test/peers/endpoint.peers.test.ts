/**
 * @file The client against an OpenAI-compatible server that somebody else wrote:
 * `transformers serve`, with a real checkpoint.
 *
 * What comes over the wire is held against what transformers generates in a
 * process of its own. The server ignores `n` and log-probabilities, leaves stop
 * texts in its answers and cannot list its models offline: each of these the
 * client must cope with, or say clearly.
 */
import { execFileSync, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Prompt } from "../../src/data/records.js";
import type { GenerationRequest } from "../../src/generation/language-model.js";
import { openRecordingFile } from "../../src/answers/recording-file.js";
import { diagnoseEndpoint } from "../../src/endpoints/diagnose.js";
import { openEndpoint } from "../../src/endpoints/endpoint.js";
import type { EndpointParts } from "../../src/endpoints/endpoint.js";
import { memoryStore } from "../endpoints/memory-store.js";

const PYTHON = process.env["AUTODIDACT_PYTHON"] ?? "python3";
const CHECKPOINT = resolve("test/fixtures/checkpoints/llama");
/** Its words are text; random weights write bytes that are none, which the server cannot stream. */
const SPEAKING = resolve("nursery/m0");
const TOKENS = 12;
const TEXTS = ["Once upon a time", "The answer is", "Name a colour:"];
const CHATS = [
  [{ role: "user", content: "Hello there." }],
  [
    { role: "user", content: "Say yes." },
    { role: "assistant", content: "Yes." },
    { role: "user", content: "Now say no." },
  ],
] as const;

let baseUrl: string;
let folder: string;
const servers: ChildProcess[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "endpoint-peer-"));
  baseUrl = await serve(CHECKPOINT);
});

afterAll(async () => {
  for (const server of servers) {
    if (server.exitCode !== null) continue;
    const gone = once(server, "exit");
    server.kill("SIGKILL");
    await gone;
  }
  await rm(folder, { recursive: true, force: true });
});

/** Serves one checkpoint until the tests end; gives the address of its API. */
async function serve(checkpoint: string): Promise<string> {
  const port = await freePort();
  const arguments_ = [
    ["serve", checkpoint],
    ["--host", "127.0.0.1", "--port", String(port), "--device", "cpu"],
  ].flat();
  const server = spawn(join(dirname(PYTHON), "transformers"), arguments_, {
    env: { ...process.env, HF_HUB_OFFLINE: "1", HF_HOME: folder },
    stdio: ["ignore", "ignore", "pipe"],
  });
  servers.push(server);
  let log = "";
  server.stderr.on("data", (text: Buffer) => {
    log = (log + text.toString("utf8")).slice(-4000);
  });
  for (;;) {
    if (server.exitCode !== null)
      throw new Error(`transformers serve ended before it began: ${log}`);
    const health = `http://127.0.0.1:${port}/health`;
    const answer = await fetch(health).catch(() => undefined);
    if (answer?.ok) return `http://127.0.0.1:${port}/v1`;
    await sleep(250);
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}

function connect(parts: EndpointParts = {}, model = CHECKPOINT) {
  return openEndpoint({ baseUrl, model }, { environment: {}, ...parts });
}

function greedy(
  prompt: Prompt,
  changes: Partial<GenerationRequest> = {},
): GenerationRequest {
  return {
    prompt,
    n: 1,
    seed: 1,
    temperature: 0,
    topP: 1,
    topK: 0,
    maxTokens: TOKENS,
    stop: [],
    ...changes,
  };
}

describe("transformers serve", () => {
  it("gives through the client what transformers generates by itself", async () => {
    const expected = JSON.parse(
      execFileSync(PYTHON, [resolve("test/peers/endpoint-peer.py")], {
        input: JSON.stringify({
          folder: CHECKPOINT,
          texts: TEXTS,
          chats: CHATS,
          tokens: TOKENS,
        }),
        encoding: "utf8",
      }),
    ) as { readonly texts: string[]; readonly chats: string[] };
    const model = connect();
    const answers = await model.generate(
      [...TEXTS, ...CHATS].map((prompt) => greedy(prompt)),
    );
    expect(answers.map(([completion]) => completion?.text)).toEqual([
      ...expected.texts,
      ...expected.chats,
    ]);
    for (const [completion] of answers)
      expect(completion?.tokens).toBeLessThanOrEqual(TOKENS);
    await model.close();
  });

  it("is asked for every sample by itself, each with its own seed, and only once", async () => {
    const store = memoryStore();
    const first = connect({ store });
    const batch = TEXTS.map((prompt) =>
      greedy(prompt, { n: 3, temperature: 1 }),
    );
    const answers = await first.generate(batch);
    expect(answers.map((completions) => completions.length)).toEqual([3, 3, 3]);
    expect(first.status()).toMatchObject({ answered: 9, failed: 0 });
    const seeds = [...store.calls.values()].map(
      ({ request }) => request.body["seed"],
    );
    expect(new Set(seeds).size).toBe(3);
    await first.close();
    const second = connect({ store });
    expect(await second.generate(batch)).toEqual(answers);
    expect(second.status().attempts).toBe(0);
    await second.close();
  });

  it("leaves stop texts in, and the client takes them out", async () => {
    const model = connect();
    const [[whole] = []] = await model.generate([greedy("The answer is")]);
    const text = whole?.text ?? "";
    const stop = [...text].at(3) ?? "";
    const [[cut] = []] = await model.generate([
      greedy("The answer is", { stop: [stop] }),
    ]);
    expect(cut?.text).toBe(text.slice(0, text.indexOf(stop)));
    expect(cut?.finishReason).toBe("stop");
    await model.close();
  });

  it("replays offline from a recording", async () => {
    const path = join(folder, "calls.jsonl");
    const batch = TEXTS.map((prompt) => greedy(prompt, { temperature: 1 }));
    const file = await openRecordingFile(path, "record");
    const live = connect({ store: file });
    const answers = await live.generate(batch);
    await Promise.all([live.close(), file.close()]);
    const recording = await openRecordingFile(path, "replay");
    const replayed = connect({ store: recording, replayOf: path });
    expect(await replayed.generate(batch)).toEqual(answers);
    expect(replayed.status()).toMatchObject({ attempts: 0, reused: 3 });
    await Promise.all([replayed.close(), recording.close()]);
  });

  it("refuses another model and a score, each with its own error, and learns of a field it refuses", async () => {
    const other = connect({}, "some/other-model");
    await expect(other.generate([greedy("Hi")])).rejects.toMatchObject({
      code: "ENDPOINT",
      details: { failure: "wrong-model", attempts: 1 },
    });
    await other.close();
    const notices: string[] = [];
    const model = connect({ onNotice: (notice) => notices.push(notice) });
    const [[answer] = []] = await model.generate([greedy("Hi", { topK: 5 })]);
    expect(answer?.text).not.toBe("");
    expect(notices).toEqual([expect.stringContaining('"top_k"')]);
    await expect(
      model.score([{ prompt: "The answer", completion: " is" }]),
    ).rejects.toThrow(/did not return the log-probabilities of the prompt/);
    await model.close();
  });

  it("is found ready, and a wrong model is found, before a run begins", async () => {
    const parts = { environment: {}, spendOneToken: true };
    const ready = await diagnoseEndpoint({ baseUrl, model: CHECKPOINT }, parts);
    expect(ready.verdict).toBe("ready");
    const wrong = await diagnoseEndpoint({ baseUrl, model: "nobody" }, parts);
    expect(wrong.verdict).toBe("wrong-model");
  });

  it("says the same in a stream", async () => {
    const address = await serve(SPEAKING);
    const prompts = ["the first letter of", "apple is a kind of", "two"].map(
      (prompt) => greedy(prompt),
    );
    const [streamed, whole] = [true, false].map((stream) =>
      openEndpoint(
        { baseUrl: address, model: SPEAKING, stream },
        { environment: {} },
      ),
    );
    const answers = await streamed?.generate(prompts);
    expect(answers).toEqual(await whole?.generate(prompts));
    expect(answers?.every(([answer]) => answer?.text !== "")).toBe(true);
    await Promise.all([streamed?.close(), whole?.close()]);
  });

  it("breaks a stream off with an error inside, and the client quotes it", async () => {
    const model = openEndpoint(
      { baseUrl, model: CHECKPOINT, stream: true, maxAttempts: 1 },
      { environment: {} },
    );
    await expect(
      model.generate([greedy("The answer is")]),
    ).rejects.toMatchObject({
      message: expect.stringContaining("Invalid prefix") as string,
    });
    await model.close();
  });
});
