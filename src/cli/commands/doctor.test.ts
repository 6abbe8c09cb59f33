import { describe, expect, it } from "vitest";
import { AutodidactError } from "../../foundation/error.js";
import type { CommandIo } from "../io.js";
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
    await doctorCommand.run({ spendOneToken: false }, io);
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

  it("asks for the model's name", async () => {
    const { io } = listen();
    await expect(
      doctorCommand.run(
        { endpoint: "http://127.0.0.1:9/v1", spendOneToken: false },
        io,
      ),
    ).rejects.toThrow(/--endpoint needs --model/);
  });
});
