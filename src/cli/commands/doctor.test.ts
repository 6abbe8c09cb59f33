import { EventEmitter } from "node:events";
import { createServer } from "node:http";
import { mkdtempSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { AutodidactError } from "../../foundation/error.js";
import type { CommandIo } from "../io.js";
import { runCli } from "../run-cli.js";
import { checkNode, doctorCommand } from "./doctor.js";

function listen() {
  const printed: string[] = [];
  const documents: unknown[] = [];
  const io: CommandIo = {
    json: false,
    signal: new AbortController().signal,
    onEvent: () => undefined,
    print: (text) => printed.push(text),
    printJson: (value) => documents.push(value),
    remark: () => undefined,
  };
  return { printed, documents, io };
}

describe("checkNode", () => {
  it.each([
    ["20.19.0", true],
    ["20.18.3", false],
    ["18.20.0", false],
    ["22.0.0", true],
  ])("of %s is %s", (version, ok) => {
    expect(checkNode(version).ok).toBe(ok);
  });
});

describe("doctor", () => {
  it("finds this machine ready for the embedded engine", async () => {
    const { printed, documents, io } = listen();
    await doctorCommand.run({ set: [], spendOneToken: false }, io);
    expect(printed[0]).toBe(`✓ Node ${process.versions.node}.`);
    expect(printed[1]).toMatch(/^✓ The embedded engine computes on cpu/);
    expect(documents).toMatchObject([
      {
        ok: true,
        checks: [{ name: "node" }, { name: "engine" }, { name: "disk" }],
      },
    ]);
  });

  it("says what is wrong with an endpoint and fails with its code", async () => {
    const { printed, documents, io } = listen();
    const values = {
      // The discard port: nobody listens.
      endpoint: "http://127.0.0.1:9/v1",
      model: "m",
      set: [],
      spendOneToken: false,
    };
    const failure: unknown = await doctorCommand
      .run(values, io)
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(AutodidactError);
    expect(failure).toMatchObject({ code: "ENDPOINT" });
    expect(printed.at(-1)).toMatch(
      /^✗ The endpoint http:\/\/127\.0\.0\.1:9\/v1 cannot be reached/,
    );
    expect(documents).toMatchObject([
      { ok: false, endpoint: { verdict: "refused" } },
    ]);
  });

  it.each([
    [
      "lacks a package",
      { problem: "The trainer cannot run: trl is missing." },
      /^✗ The trainer cannot run: trl is missing\. Make one with: .*requirements\.lock/,
    ],
    [
      "has all",
      { problem: null },
      /^✓ \/a\/python can train: trl 1, transformers 2, torch 3; A GPU\.$/,
    ],
  ])("says of a Python that %s", async (_what, answer, message) => {
    const { printed, io } = listen();
    const python = join(mkdtempSync(join(tmpdir(), "python-")), "python");
    const said = JSON.stringify({
      ...{ python: "3.11", executable: "/a/python", gpus: ["A GPU"] },
      versions: { trl: "1", transformers: "2", torch: "3" },
      ...answer,
    });
    writeFileSync(python, `#!/bin/sh\necho '${said}'\n`, { mode: 0o755 });
    await doctorCommand
      .run({ engine: "trl", python, set: [], spendOneToken: false }, io)
      .catch(() => undefined);
    expect(printed.at(-1)).toMatch(message);
  });

  it("says how to make a Python where there is none", async () => {
    const { printed, io } = listen();
    await expect(
      doctorCommand.run(
        {
          ...{ engine: "trl", python: "/none/python" },
          ...{ set: [], spendOneToken: false },
        },
        io,
      ),
    ).rejects.toThrow(AutodidactError);
    expect(printed.at(-1)).toMatch(
      /^✗ "\/none\/python" does not run.*ENOENT.*venv/,
    );
  });

  it("without a model lists those that the endpoint has", async () => {
    const { url, close } = await modelServer(["small", "large"]);
    const { printed, documents, io } = listen();
    await doctorCommand.run(
      { endpoint: url, set: [], spendOneToken: false },
      io,
    );
    await close();
    expect(printed.at(-1)).toBe(
      `✓ ${url} answers. It has: small, large. Name one of these with --model.`,
    );
    expect(documents).toMatchObject([
      { ok: true, endpoint: { models: ["small", "large"] } },
    ]);
  });

  it("with a wrong model prints one document, in words of its own", async () => {
    const { url, close } = await modelServer(["small"]);
    const output: string[] = [];
    const errors: string[] = [];
    const code = await runCli({
      argv: ["doctor", "--json", "--endpoint", url, "--model", "wrong"],
      commands: [doctorCommand],
      groups: {},
      version: "0",
      stdout: { write: (text) => output.push(text) },
      stderr: { write: (text: string) => (errors.push(text), true) },
      signals: new EventEmitter(),
      kill: () => undefined,
      now: () => 0,
    });
    await close();
    expect(code).toBe(9);
    expect(JSON.parse(output.join(""))).toMatchObject({
      ok: false,
      endpoint: { verdict: "wrong-model" },
    });
    expect(errors.join("")).toMatch(/does not serve "wrong".*It has: small/);
    expect(errors.join("")).not.toMatch(/above|kept/);
  });
});

async function modelServer(
  names: readonly string[],
): Promise<{ readonly url: string; readonly close: () => Promise<void> }> {
  const server = createServer((_request, response) => {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ data: names.map((id) => ({ id })) }));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}
