/**
 * @file A served model whose context is too short for the prompts.
 */
import { rm } from "node:fs/promises";
import { expect, it } from "vitest";
import { endpointAuthor } from "../../src/pipelines/instruct/open-author.js";
import { startFaultServer } from "../endpoints/fault-server.js";
import { runInstruct, runOptions, temporaryFolder } from "./run-folder.js";

it("ends the run at its first request, with what is wrong and what to do", async () => {
  const server = await startFaultServer({ context: 200 });
  const place = await temporaryFolder();
  try {
    await expect(
      runInstruct(
        runOptions(
          place,
          endpointAuthor({
            endpoint: { baseUrl: server.url, model: "m" },
            limits: {},
            signal: new AbortController().signal,
          }),
        ),
      ),
    ).rejects.toMatchObject({
      code: "ENDPOINT",
      message:
        'A prompt with its answer is too long for the model "m" (HTTP 400: This model\'s maximum context length is 200 tokens). Lower the maximum number of tokens, shorten the prompt, or serve the model with a longer context.',
    });
    expect(server.received).toBe(1);
  } finally {
    await server.kill();
    await rm(place, { recursive: true });
  }
});
