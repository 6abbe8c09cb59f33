import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { createHash } from "node:crypto";
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  stat,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { resolveModel } from "./hub.js";

/** A one-tensor safetensors file, 2 kB. */
function weights(fill: number): Buffer {
  const header = JSON.stringify({
    w: { dtype: "F32", shape: [500], data_offsets: [0, 2000] },
  });
  const bytes = Buffer.alloc(8 + header.length + 2000, fill);
  bytes.writeBigUInt64LE(BigInt(header.length), 0);
  bytes.write(header, 8);
  return bytes;
}

const COMMIT_A = "a".repeat(40);
const COMMIT_B = "b".repeat(40);

/** Imitates the Hub for one model: three calls, and what went through them. */
class HubDouble {
  readonly commits: Record<string, Record<string, Buffer>> = {
    [COMMIT_A]: {
      "config.json": Buffer.from("{}"),
      "model.safetensors": weights(1),
      "tokenizer.json": Buffer.from('{"version":"1.0"}'),
      "README.md": Buffer.from("# not wanted"),
    },
  };
  branches: Record<string, string> = { main: COMMIT_A };
  readonly requests: string[] = [];
  readonly ranges: string[] = [];
  readonly tokens = new Set<string | undefined>();
  requiredToken: string | undefined;
  /** Break the connection after this many bytes of the weights. */
  cutAfter = Infinity;
  private readonly server: Server = createServer((request, response) =>
    this.answer(request, response),
  );

  async start(): Promise<string> {
    await new Promise<void>((done) => this.server.listen(0, "127.0.0.1", done));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((done) => this.server.close(() => done()));
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const path = (request.url ?? "").split("?")[0] ?? "";
    this.requests.push(path);
    this.tokens.add(request.headers.authorization);
    const [, revision] =
      /^\/api\/models\/o\/m\/revision\/(.+)$/.exec(path) ?? [];
    const [, tree] = /^\/api\/models\/o\/m\/tree\/(.+)$/.exec(path) ?? [];
    const [, commit, file] = /^\/o\/m\/resolve\/(\w+)\/(.+)$/.exec(path) ?? [];
    const known = revision && (this.branches[revision] ?? revision);
    const refused =
      this.requiredToken &&
      request.headers.authorization !== `Bearer ${this.requiredToken}`;
    if (refused) response.writeHead(401).end();
    else if (known && known in this.commits)
      json(response, { _id: "1", id: "o/m", sha: known });
    else if (tree) json(response, this.list(this.commits[tree] ?? {}));
    else if (commit && file && this.commits[commit]?.[file])
      this.send(this.commits[commit][file], request, response);
    else response.writeHead(404).end();
  }

  private list(files: Record<string, Buffer>): object[] {
    return Object.entries(files).map(([path, content]) => ({
      type: "file",
      path,
      size: content.byteLength,
      oid: createHash("sha1").update(content).digest("hex"),
      ...(path.endsWith(".safetensors") && {
        lfs: { oid: sha256(content), size: content.byteLength, pointerSize: 1 },
      }),
    }));
  }

  private send(
    content: Buffer,
    request: IncomingMessage,
    response: ServerResponse,
  ): void {
    const range = request.headers.range;
    const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(range ?? "") ?? [];
    const begin = Number(from ?? 0);
    const end = to ? Number(to) + 1 : content.byteLength;
    if (range && range !== "bytes=0-0" && content.byteLength > 1000)
      this.ranges.push(range);
    response.writeHead(range ? 206 : 200, {
      "content-range": `bytes ${begin}-${end - 1}/${content.byteLength}`,
      "content-length": end - begin,
      etag: '"x"',
    });
    if (end - begin <= this.cutAfter)
      response.end(content.subarray(begin, end));
    else
      response.write(content.subarray(begin, begin + this.cutAfter), () =>
        setTimeout(() => response.destroy(), 50),
      );
  }
}

function json(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { "content-type": "application/json" });
  response.end(JSON.stringify(value));
}

function sha256(content: Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}

let home: string;
let hub: HubDouble;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "hub-"));
  hub = new HubDouble();
  for (const name of [
    "HF_HUB_CACHE",
    "HUGGINGFACE_HUB_CACHE",
    "HF_HUB_OFFLINE",
    "HF_TOKEN",
    "HF_TOKEN_PATH",
  ])
    vi.stubEnv(name, undefined);
  vi.stubEnv("HF_HOME", home);
  vi.stubEnv("HF_ENDPOINT", `${await hub.start()}/`);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await hub.stop();
  await rm(home, { recursive: true });
});

const repository = (): string => join(home, "hub", "models--o--m");

describe("resolving a model", () => {
  it("takes a folder that exists without asking anyone", async () => {
    const folder = join(home, "o");
    await mkdir(folder);
    expect(await resolveModel(folder)).toEqual({ folder, commit: null });
    expect(hub.requests).toEqual([]);
  });

  it("fetches what a checkpoint needs into the shared cache's layout", async () => {
    const seen: [number, number][] = [];
    const { folder, commit } = await resolveModel("o/m", {
      onProgress: (done, total) => seen.push([done, total]),
    });
    expect(commit).toBe(COMMIT_A);
    expect(folder).toBe(join(repository(), "snapshots", COMMIT_A));
    expect((await readdir(folder)).sort()).toEqual([
      "config.json",
      "model.safetensors",
      "tokenizer.json",
    ]);
    const expected = hub.commits[COMMIT_A]?.["model.safetensors"];
    const path = join(folder, "model.safetensors");
    expect(await readFile(path)).toEqual(expected);
    expect(await readlink(path)).toBe(
      `../../blobs/${sha256(expected ?? Buffer.alloc(0))}`,
    );
    expect(await readFile(join(repository(), "refs", "main"), "utf8")).toBe(
      COMMIT_A,
    );
    expect(seen.at(-1)?.[0]).toBe(seen.at(-1)?.[1]);
  });

  it("fetches nothing twice and follows a branch that has moved", async () => {
    await resolveModel("o/m");
    const before = hub.requests.filter((path) => path.includes("/resolve/"));
    await resolveModel("o/m");
    const after = hub.requests.filter((path) => path.includes("/resolve/"));
    expect(after).toEqual(before);
    hub.commits[COMMIT_B] = {
      ...hub.commits[COMMIT_A],
      "config.json": Buffer.from('{"new":1}'),
    };
    hub.branches = { main: COMMIT_B };
    const { folder } = await resolveModel("o/m");
    expect(await readFile(join(folder, "config.json"), "utf8")).toBe(
      '{"new":1}',
    );
    const fetched = hub.requests
      .slice()
      .filter((path) => path.includes(`/resolve/${COMMIT_B}/`));
    expect(new Set(fetched)).toEqual(
      new Set([`/o/m/resolve/${COMMIT_B}/config.json`]),
    );
  });

  it("does not wait at a pipe in the place of what it remembers", async () => {
    await resolveModel("o/m");
    const remembered = join(repository(), "refs", "main");
    rmSync(remembered);
    execFileSync("mkfifo", [remembered]);
    await expect(resolveModel("o/m", { offline: true })).rejects.toThrow(
      /refs\/main cannot be used: it is no ordinary file/,
    );
  });

  it("keeps to a pinned commit, given as an option or after @", async () => {
    hub.commits[COMMIT_B] = { ...hub.commits[COMMIT_A] };
    hub.branches = { main: COMMIT_B };
    const pinned = await resolveModel("o/m", { revision: COMMIT_A });
    expect(pinned.commit).toBe(COMMIT_A);
    expect((await resolveModel(`o/m@${COMMIT_A}`)).commit).toBe(COMMIT_A);
    expect((await resolveModel("o/m")).commit).toBe(COMMIT_B);
  });

  it("continues a broken download where it broke", async () => {
    hub.cutAfter = 700;
    await expect(resolveModel("o/m")).rejects.toMatchObject({
      code: "ENDPOINT",
    });
    const blobs = await readdir(join(repository(), "blobs"));
    const part = blobs.find((name) => name.endsWith(".incomplete")) ?? "";
    const { size } = await stat(join(repository(), "blobs", part));
    expect(size).toBeGreaterThan(0);
    hub.cutAfter = Infinity;
    hub.ranges.length = 0;
    const { folder } = await resolveModel("o/m");
    expect(hub.ranges[0]).toMatch(new RegExp(`^bytes=${size}-`));
    expect(await readFile(join(folder, "model.safetensors"))).toEqual(
      hub.commits[COMMIT_A]?.["model.safetensors"],
    );
  });

  it("throws away a part that does not belong to the file", async () => {
    const content = hub.commits[COMMIT_A]?.["model.safetensors"];
    const blobs = join(repository(), "blobs");
    await mkdir(blobs, { recursive: true });
    const part = `${sha256(content ?? Buffer.alloc(0))}.incomplete`;
    await writeFile(join(blobs, part), Buffer.alloc(100, 9));
    await expect(resolveModel("o/m")).rejects.toThrow(/other content/);
    const { folder } = await resolveModel("o/m");
    expect(await readFile(join(folder, "model.safetensors"))).toEqual(content);
  });

  it("uses the cache and no network when offline, by option or environment", async () => {
    await expect(resolveModel("o/m", { offline: true })).rejects.toMatchObject({
      code: "BAD_CHECKPOINT",
      message: expect.stringMatching(/not in the cache/) as string,
    });
    await resolveModel("o/m");
    hub.requests.length = 0;
    vi.stubEnv("HF_HUB_OFFLINE", "1");
    expect((await resolveModel("o/m")).commit).toBe(COMMIT_A);
    expect((await resolveModel(`o/m@${COMMIT_A}`)).commit).toBe(COMMIT_A);
    expect(hub.requests).toEqual([]);
  });

  it("falls back to the cache when the Hub cannot be reached, and says so when it cannot", async () => {
    await resolveModel("o/m");
    vi.stubEnv("HF_ENDPOINT", "http://127.0.0.1:9");
    expect((await resolveModel("o/m")).commit).toBe(COMMIT_A);
    await expect(resolveModel("o/other")).rejects.toMatchObject({
      code: "ENDPOINT",
    });
  });

  it("does not take a snapshot without its weights for complete", async () => {
    hub.cutAfter = 10;
    await expect(resolveModel(`o/m@${COMMIT_A}`)).rejects.toThrow();
    await expect(
      resolveModel(`o/m@${COMMIT_A}`, { offline: true }),
    ).rejects.toThrow(/not in the cache/);
  });

  it("sends the token of the environment or of the login file", async () => {
    hub.requiredToken = "hf_secret";
    await expect(resolveModel("o/m")).rejects.toMatchObject({
      code: "BAD_CHECKPOINT",
      message: expect.stringMatching(/set HF_TOKEN/) as string,
    });
    await writeFile(join(home, "token"), "hf_secret\n");
    expect((await resolveModel("o/m")).commit).toBe(COMMIT_A);
    vi.stubEnv("HF_TOKEN", "hf_other");
    await expect(resolveModel("o/m")).rejects.toMatchObject({
      code: "BAD_CHECKPOINT",
    });
    expect(hub.tokens).toContain("Bearer hf_other");
  });

  it("says that a token is none, and not that the network failed", async () => {
    vi.stubEnv("HF_TOKEN", "secret");
    await expect(resolveModel("o/m")).rejects.toMatchObject({
      code: "USAGE",
      message: expect.stringMatching(
        /^HF_TOKEN is no token(?!.*secret)/,
      ) as string,
    });
    expect(hub.requests).toEqual([]);
  });

  it.each([
    [
      "a revision that is not there",
      "o/m@none",
      /no model o\/m with revision none/,
    ],
    [
      "a path that does not exist",
      "./no/such/folder",
      /neither a folder nor a Hub id/,
    ],
    ["a bare word", "model", /neither a folder nor a Hub id/],
  ])("refuses %s", async (_what, id, message) => {
    await expect(resolveModel(id)).rejects.toMatchObject({
      code: "BAD_CHECKPOINT",
      message: expect.stringMatching(message) as string,
    });
  });

  it("refuses a repository without safetensors before fetching anything", async () => {
    delete hub.commits[COMMIT_A]?.["model.safetensors"];
    await expect(resolveModel("o/m")).rejects.toThrow(
      /no weights in safetensors/,
    );
    expect(hub.requests.some((path) => path.includes("/resolve/"))).toBe(false);
  });

  it("stops when told to and continues later", async () => {
    await expect(
      resolveModel("o/m", { signal: AbortSignal.abort() }),
    ).rejects.toMatchObject({ code: "INTERRUPTED" });
    expect((await resolveModel("o/m")).commit).toBe(COMMIT_A);
  });
});
