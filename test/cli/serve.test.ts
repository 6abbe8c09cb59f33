/**
 * @file `autodidact serve` as a process: one line, or one document, and a clean end.
 */
import { expect, test } from "vitest";
import { autodidact, type ProgramResult } from "./program.js";

const MODEL = "test/fixtures/checkpoints/llama";

/** Serves on a free port until `use` of the address is over, then stops it. */
async function serve(
  args: readonly string[],
  use: (url: string) => Promise<void>,
): Promise<ProgramResult> {
  const uses: Promise<void>[] = [];
  const result = await autodidact(
    ["serve", "--model", MODEL, "--port", "0", ...args],
    {
      onStdout: (child, stdout) => {
        const url = /http:[^\s"]+/.exec(stdout)?.[0];
        if (url === undefined || uses.length > 0) return;
        uses.push(use(url).finally(() => child.kill("SIGTERM")));
      },
    },
  );
  await Promise.all(uses);
  return result;
}

test("it says where it serves and stops in order", async () => {
  const asked = { model: "llama", prompt: "The", max_tokens: 3 };
  const result = await serve([], async (url) => {
    const answer = await fetch(`${url}/completions`, {
      method: "POST",
      body: JSON.stringify(asked),
    });
    expect(await answer.json()).toMatchObject({
      usage: { completion_tokens: 3 },
    });
  });
  expect(result.code).toBe(130);
  expect(result.stdout).toMatch(
    /^Serving llama at http:\/\/127\.0\.0\.1:\d+\/v1\n$/,
  );
  expect(result.stderr).toMatch(
    /Stopped\. Run the same command to serve again/,
  );
});

test("for a program it is one document, under the name that was given", async () => {
  const result = await serve(["--json", "--name", "mine"], async (url) => {
    const models = await fetch(`${url}/models`);
    expect(await models.json()).toMatchObject({ data: [{ id: "mine" }] });
  });
  expect(result.code).toBe(130);
  expect(JSON.parse(result.stdout)).toMatchObject({
    model: "mine",
    max_model_len: 128,
  });
});

test("a port that is taken is told before anything is loaded", async () => {
  let second: ProgramResult | undefined;
  await serve([], async (url) => {
    const { port } = new URL(url);
    second = await autodidact([
      ...["serve", "--model", "no/such-model", "--port", port],
    ]);
  });
  expect(second?.code).toBe(2);
  expect(second?.stderr).toMatch(/^Port \d+ on 127\.0\.0\.1 is taken/);
});
