/**
 * @file `npx tsx bench/client/main.ts [throughput|memory|recorded|refuse|queue|unlimited …]`:
 * measures the client of src/endpoints and writes docs/results/client.md.
 *
 * Each part takes less than two minutes and writes its own section; without
 * arguments all are run. Server and client share the machine; all traffic stays
 * on 127.0.0.1.
 */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { writeFileAtomic } from "../../src/foundation/storage.js";
import { measureConcurrency } from "./concurrency.js";
import { measureMemory } from "./memory.js";
import {
  concurrencySection,
  memorySection,
  page,
  throughputSection,
} from "./page.js";
import { measureThroughput } from "./throughput.js";

const PAGE = fileURLToPath(
  new URL("../../docs/results/client.md", import.meta.url),
);

/** One section of the page each, in its order. */
const PARTS: Readonly<Record<string, () => Promise<string>>> = {
  throughput: async () => throughputSection(await measureThroughput()),
  memory: async () => memorySection(await measureMemory(false)),
  recorded: async () => memorySection(await measureMemory(true)),
  refuse: async () =>
    concurrencySection(
      await measureConcurrency({
        latencyMs: 200,
        capacity: 100,
        beyond: "refuse",
      }),
    ),
  queue: async () =>
    concurrencySection(
      await measureConcurrency({
        latencyMs: 200,
        capacity: 100,
        beyond: "queue",
      }),
    ),
  unlimited: async () =>
    concurrencySection(
      await measureConcurrency({
        latencyMs: 200,
        capacity: 0,
        beyond: "queue",
      }),
    ),
};

const SECTION = /<!-- (\w+) -->\n([\s\S]*?)<!-- end -->/g;

const wanted = process.argv.slice(2);
const unknown = wanted.find((name) => PARTS[name] === undefined);
if (unknown !== undefined) {
  process.stderr.write(
    `No part is called "${unknown}". Parts: ${Object.keys(PARTS).join(", ")}.\n`,
  );
  process.exit(2);
}
const known = await readFile(PAGE, "utf8").catch(() => "");
const sections = new Map(
  [...known.matchAll(SECTION)].map(([, name = "", text = ""]) => [name, text]),
);
for (const [name, measure] of Object.entries(PARTS)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  process.stderr.write(`${name} …\n`);
  const text = await measure();
  process.stderr.write(`${text}\n`);
  sections.set(name, text);
  const blocks = Object.keys(PARTS)
    .filter((part) => sections.has(part))
    .map(
      (part) => `<!-- ${part} -->\n${sections.get(part) ?? ""}<!-- end -->\n`,
    );
  await writeFileAtomic(PAGE, page(blocks));
}
