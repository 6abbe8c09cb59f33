/**
 * @file The host against a program that plays vLLM: real processes, ports and signals.
 */
import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { GenerationRequest } from "../../src/generation/language-model.js";
import { localLauncher } from "../../src/launchers/local.js";
import type { ServerSettings } from "../../src/vllm/server-settings.js";
import {
  vllmModelHost,
  type VllmModelHost,
} from "../../src/vllm/vllm-model-host.js";
import { TINY_LLAMA } from "../invariants/tiny-model.js";

const FAKE = resolve("test/vllm/fake-vllm.mjs");

let folder: string;
let memory: string;
const hosts: VllmModelHost[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "vllm-host-"));
  memory = join(folder, "memory");
  writeFileSync(memory, "");
});
afterEach(async () => {
  await Promise.all(hosts.splice(0).map((host) => host.release()));
  rmSync(folder, { recursive: true });
});

function open(
  behaviour: object = {},
  changes: Partial<ServerSettings> = {},
  options: { readonly signal?: AbortSignal; readonly told?: string[] } = {},
): VllmModelHost {
  const file = join(folder, "behaviour.json");
  writeFileSync(file, JSON.stringify({ memory, ...behaviour }));
  const host = vllmModelHost({
    launcher: localLauncher,
    settings: {
      ...{ python: FAKE, gpus: 0, instances: 1, port: null },
      ...{ maxModelLen: null, dtype: null, loraRank: 0, args: [] },
      env: { FAKE_VLLM: file },
      ...changes,
    },
    folder: join(folder, "servers"),
    signal: options.signal ?? new AbortController().signal,
    onProgress: (doing) => options.told?.push(doing),
  });
  hosts.push(host);
  return host;
}

const request = (prompt: string): GenerationRequest => ({
  ...{ prompt, n: 1, seed: 1, temperature: 1, topP: 1, topK: 0 },
  ...{ maxTokens: 4, stop: [] },
});

/** What the servers noted, a word and its rest. */
function noted(word: string): string[] {
  return readFileSync(memory, "utf8")
    .split("\n")
    .filter((line) => line.startsWith(`${word} `))
    .map((line) => line.slice(word.length + 1));
}

/** The processes of every server that was started: itself and its engine. */
function processes(): number[] {
  return noted("start").flatMap((line) => line.split(" ").slice(1).map(Number));
}

function lives(pid: number): boolean {
  const { stdout } = spawnSync("ps", ["-o", "stat=", "-p", String(pid)], {
    encoding: "utf8",
  });
  return stdout.trim() !== "" && !stdout.trim().startsWith("Z");
}

const ask = (host: VllmModelHost, ...prompts: string[]) =>
  host.withModel(TINY_LLAMA, (model) => model.generate(prompts.map(request)));

describe("a host of vLLM servers", () => {
  it("starts one, asks it, keeps it for the same checkpoint, and ends all of it", async () => {
    const told: string[] = [];
    const host = open({}, {}, { told });
    const [[answer] = []] = await ask(host, "She sells");
    expect(answer).toMatchObject({
      tokens: 2,
      logprobs: [-0.5, -0.5],
      finishReason: "stop",
    });
    expect(told[0]).toMatch(/^vLLM starts with llama/);
    await ask(host, "The quick");
    expect(noted("start")).toHaveLength(1);
    const copy = join(folder, "other");
    cpSync(TINY_LLAMA, copy, { recursive: true });
    writeFileSync(join(copy, "generation_config.json"), '{"eos_token_id": 3}');
    await host.withModel(copy, (model) => model.generate([request("x")]));
    expect(noted("start").map((line) => line.split(" ")[0])).toEqual([
      resolve(TINY_LLAMA),
      copy,
    ]);
    const [server, engine] = processes();
    expect([server, engine].map((pid) => lives(pid as number))).toEqual([
      false,
      false,
    ]);
    await host.release();
    expect(processes().filter(lives)).toEqual([]);
  });

  it("writes the key where only its owner reads it, and nowhere else", async () => {
    const host = open();
    await ask(host, "x");
    const [name = ""] = readdirSync(join(folder, "servers"));
    const own = join(folder, "servers", name);
    const key =
      /\w{48}/.exec(readFileSync(join(own, "secrets.yaml"), "utf8"))?.[0] ?? "";
    const { stdout } = spawnSync("grep", ["-rl", key, folder], {
      encoding: "utf8",
    });
    expect(stdout.trim()).toBe(join(own, "secrets.yaml"));
    expect(
      spawnSync("stat", ["-c", "%a", join(own, "secrets.yaml")], {
        encoding: "utf8",
      }).stdout.trim(),
    ).toBe("600");
  });

  it("ends what a killed process left behind before it starts another", async () => {
    const left = open();
    await ask(left, "x");
    expect(processes().every(lives)).toBe(true);
    // A second one over the same folder, as after a kill of the first.
    const host = open();
    await host.release();
    expect(processes().filter(lives)).toEqual([]);
  });

  it("does not take another server on its port for its own", async () => {
    const stranger = createServer((_, response) => {
      response.end(JSON.stringify({ data: [{ id: "other" }] }));
    });
    await new Promise<void>((done) => stranger.listen(0, "127.0.0.1", done));
    const { port } = stranger.address() as AddressInfo;
    try {
      await expect(ask(open({}, { port }), "x")).rejects.toThrow(
        /Address already in use.*Another program listens there/s,
      );
    } finally {
      stranger.close();
    }
  });

  it("digs the cause of a failed start out of the log, and keeps the log", async () => {
    const log = [
      "(EngineCore pid=7) ERROR 11-30 20:23:18 [core.py:9] Traceback (most recent call last):",
      "(Worker pid=8) ERROR 11-30 20:23:18 [w.py:9] safetensors_rust.SafetensorError: Error while deserializing header: incomplete metadata, file not fully covered",
      "RuntimeError: Engine core initialization failed. See root cause above. Failed core proc(s): {}",
      "",
    ].join("\n");
    const failure = ask(open({ log }), "x");
    await expect(failure).rejects.toThrow(
      /vLLM did not start with .*SafetensorError: Error while deserializing header.*cut off or damaged/s,
    );
    await expect(failure).rejects.toMatchObject({
      code: "ENDPOINT",
      details: { failure: "damaged weights" },
    });
    const [name = ""] = readdirSync(join(folder, "servers"));
    expect(
      existsSync(join(folder, "servers", name, "attempt-1", "log-0")),
    ).toBe(true);
    expect(processes().filter(lives)).toEqual([]);
  });

  it("starts a server whose engine died again, and asks only what was not answered", async () => {
    const told: string[] = [];
    const host = open({ dieAt: [3] }, {}, { told });
    const prompts = ["one", "two two", "three three three"];
    const answers = await host.withModel(TINY_LLAMA, async (model) => {
      const all = [];
      for (const prompt of prompts)
        all.push(...(await model.generate([request(prompt)])));
      return all;
    });
    expect(answers.map(([answer]) => answer?.tokens)).toEqual([2, 2, 2]);
    expect(noted("start")).toHaveLength(2);
    const asked = noted("ask");
    expect(asked).toHaveLength(4);
    expect(asked[3]).toBe(asked[2]);
    expect(told.some((line) => line.includes("died"))).toBe(true);
    expect(processes().filter(lives)).toHaveLength(2);
  });

  it("gives a request up that kills its server each time, and says so", async () => {
    const host = open({ dieAt: [1, 2, 3, 4] });
    await expect(ask(host, "x")).rejects.toMatchObject({ code: "ENDPOINT" });
    await host.release();
    expect(processes().filter(lives)).toEqual([]);
  });

  it("spreads requests over several servers, and goes on when one of them is killed", async () => {
    const host = open({ answerMs: 20 }, { instances: 2 });
    const prompts = Array.from({ length: 40 }, (_, i) => `prompt ${i}`);
    await ask(host, ...prompts);
    expect(noted("start")).toHaveLength(2);
    const [server = 0] = processes();
    process.kill(server, "SIGKILL");
    const answers = await ask(host, ...prompts);
    expect(answers).toHaveLength(40);
    expect(answers.every(([answer]) => answer?.tokens === 2)).toBe(true);
  });

  it("stops while a server starts, and leaves nothing behind", async () => {
    const stop = new AbortController();
    const host = open({ readyAfterMs: 600_000 }, {}, { signal: stop.signal });
    const asked = ask(host, "x");
    const until = setInterval(() => {
      if (noted("start").length === 0) return;
      clearInterval(until);
      stop.abort(new Error("asked to stop"));
    }, 50);
    await expect(asked).rejects.toThrow("asked to stop");
    expect(processes().filter(lives)).toEqual([]);
  });

  it("serves checkpoints above one by their adapters, one at a time, also after a death", async () => {
    const [base, above, higher] = ["M1", "M2", "M3"].map((name) => {
      const path = join(folder, name);
      cpSync(TINY_LLAMA, path, { recursive: true });
      // What a training changes; no weights are read here.
      const eos = JSON.stringify({ eos_token_id: Number(name.slice(1)) });
      writeFileSync(join(path, "generation_config.json"), eos);
      return path;
    }) as [string, string, string];
    for (const [over, path] of [
      [base, above],
      [above, higher],
    ] as const) {
      cpSync(join(TINY_LLAMA, "lora"), `${path}-adapter`, { recursive: true });
      const config = join(`${path}-adapter`, "adapter_config.json");
      const fields = JSON.parse(readFileSync(config, "utf8")) as object;
      writeFileSync(
        config,
        JSON.stringify({ ...fields, base_model_name_or_path: over }),
      );
    }
    const host = open({ dieAt: [4] }, { loraRank: 32 });
    const one = (path: string, text: string) =>
      host.withModel(path, (model) => model.generate([request(text)]));
    await one(base, "one");
    await one(above, "two");
    await one(above, "three");
    // Its server dies of this one, and the next has to load the adapter again.
    await one(higher, "four");
    await one(base, "five");
    expect(noted("start").map((line) => line.split(" ")[0])).toEqual([
      base,
      base,
    ]);
    const changes = noted("adapter").map((line) => line.split(" "));
    const [first = "", second = ""] = new Set(changes.map(([, name]) => name));
    expect(
      changes.map(([path = "", name]) => [path.split("/")[2], name]),
    ).toEqual([
      ["load_lora_adapter", first],
      ["unload_lora_adapter", first],
      ["load_lora_adapter", second],
      ["load_lora_adapter", second],
      ["unload_lora_adapter", second],
    ]);
    expect(existsSync(join(folder, "servers", "adapters"))).toBe(false);
  });

  it("refuses an adapter, which vLLM would serve without its base", async () => {
    writeFileSync(join(folder, "adapter_config.json"), "{}");
    await expect(
      open().withModel(folder, async () => undefined),
    ).rejects.toThrow("autodidact export");
  });
});
