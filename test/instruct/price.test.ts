/**
 * @file What a row costs, as it is told while a run goes on and at its end.
 */
import { rm } from "node:fs/promises";
import { expect, it } from "vitest";
import { instruct } from "./instruct-command.js";
import { recordedServer } from "./recorded-server.js";
import { temporaryFolder } from "./run-folder.js";

it("is told with what is still to come, and at the end as it was", async () => {
  const server = await recordedServer();
  const folder = await temporaryFolder();
  const { code, stdout, stderr } = await instruct(
    folder,
    // The bundled price table knows this name: $0.40 for a million tokens.
    ...["--endpoint", server.url, "--model", "babbage-002"],
    ...["--style", "completion", "--accept", "30", "--in-flight", "2"],
  );
  await server.close();
  await rm(folder, { recursive: true });
  expect(code).toBe(0);

  const told = [
    ...stderr.matchAll(
      /^\d+ of 30 accepted from \d+ requests? \([\d.]+ per request, \$([\d.]+) each so far, their kinds and instances still to be paid; about \$([\d.]+) each in the end\)$/gmu,
    ),
  ].map(([, soFar, inTheEnd]) => [Number(soFar), Number(inTheEnd)] as const);
  expect(told.length).toBeGreaterThan(1);
  const [, total = "", each = ""] =
    /for \$([\d.]+), \$([\d.]+) for each accepted instruction\./u.exec(
      stdout,
    ) ?? [];
  // Money is shown to three figures.
  expect(30 * Number(each)).toBeCloseTo(Number(total), 3);
  const [soFar = 0, inTheEnd = 0] = told.at(-1) ?? [];
  expect(soFar).toBeLessThan(0.8 * Number(each));
  expect(inTheEnd).toBeGreaterThan(0.7 * Number(each));
  expect(inTheEnd).toBeLessThan(1.4 * Number(each));
});
