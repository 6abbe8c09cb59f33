/**
 * @file The sections of docs/results/client.md.
 */
import type { ConcurrencyRun } from "./concurrency.js";
import type { MemoryRun } from "./memory.js";
import { describeLoad, describeMachine } from "./statistics.js";
import type { Throughput } from "./throughput.js";

const number = (value: number): string => value.toLocaleString("en-US");

export function page(sections: readonly string[]): string {
  return [
    "# The client of served endpoints, measured",
    "",
    "Written by `npx tsx bench/client/main.ts`; [bench/client](../../bench/client) is the",
    "whole method. Server and client are two processes on one machine, so the server's",
    "work is in every number.",
    "",
    ...sections,
  ].join("\n");
}

function measuredOn(): string {
  return `${describeMachine()}; ${new Date().toISOString().slice(0, 10)}; load average at the end ${describeLoad()}.`;
}

export function throughputSection(results: readonly Throughput[]): string {
  return `## A server that answers at once

5 rounds of 5,000 chat requests, 64 at a time, the clients taking turns.
${measuredOn()}

| Client | Requests/s, median | Rounds |
| --- | ---: | --- |
${results.map(({ name, median, rates }) => `| ${name} | ${number(median)} | ${rates.map(number).join(" · ")} |`).join("\n")}

`;
}

export function memorySection(run: MemoryRun): string {
  const first = run.looks[0];
  const last = run.looks.at(-1);
  const kept = run.recorded
    ? "every answer kept in a JSON Lines file (`--record`)"
    : "nothing kept";
  return `## ${number(run.requests)} requests, ${kept}

In batches of 2,000; memory after a garbage collection. ${number(run.perSecond)} requests/s sustained;
heap ${first?.heapMiB} → ${last?.heapMiB} MiB, resident ${first?.residentMiB} → ${last?.residentMiB} MiB.
${measuredOn()}

| Requests | Requests/s | Heap, MiB | Resident, MiB |
| ---: | ---: | ---: | ---: |
${run.looks.map((look) => `| ${number(look.requests)} | ${number(look.perSecond)} | ${look.heapMiB} | ${look.residentMiB} |`).join("\n")}

`;
}

export function concurrencySection(run: ConcurrencyRun): string {
  const { behaviour, best, found, fixed } = run;
  const beyond =
    behaviour.capacity === 0
      ? "which takes any number at once"
      : `which works on ${behaviour.capacity} at once and ${behaviour.beyond === "queue" ? "queues" : "refuses (429)"} the rest`;
  const share = ((100 * found.perSecond) / best.perSecond).toFixed(1);
  return `## 200 ms latency, a server ${beyond}

Found by itself: ${number(found.perSecond)} requests/s at ${found.concurrency} at once, ${share} % of the best fixed
setting (${best.concurrency} at once: ${number(best.perSecond)}/s); 90 % of it after ${run.secondsToFind ?? "more than 20"} s;
${(100 * run.refused).toFixed(2)} % of its attempts were refused. Fixed settings ran 4 s each, the client
20 s to find its setting and 20 s measured.
${measuredOn()}

| Fixed concurrency | Requests/s |
| ---: | ---: |
${fixed.map((setting) => `| ${setting.concurrency} | ${number(setting.perSecond)} |`).join("\n")}

`;
}
