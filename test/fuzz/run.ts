/**
 * @file Throws random and repeated text at the parsers of foreign text:
 * `npm run fuzz -- [--seconds N | --runs N] [--seed N] [TARGET…]`, all without a name.
 *
 * Ends with status 1 when a parser does anything but return or refuse, and says in
 * which file the text is. With `--seconds` it tries a target for so long, and a text
 * that takes over 1 s of the processor or 200 MB is a finding too.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import fc from "fast-check";
import { corpus } from "./corpus.js";
import { isRefusal, TARGETS, type Target } from "./targets.js";

const LONGEST = 100_000;
/** For {@link LONGEST} characters; kept texts may be longer. */
const MOST_MS = 1000;
const MOST_BYTES = 200e6;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: "string" },
    runs: { type: "string", default: "150" },
    seed: { type: "string", default: "1" },
  },
});
const seconds =
  values.seconds === undefined ? undefined : Number(values.seconds);

/** Texts of a target's pieces, of their repetitions and of cuts of the kept ones. */
function texts(
  { pieces }: Target,
  kept: readonly string[],
): fc.Arbitrary<string> {
  const piece = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...pieces) },
    { weight: 2, arbitrary: fc.string({ unit: "grapheme", maxLength: 8 }) },
    { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 8 }) },
  );
  const repeated = fc
    .tuple(piece, piece, fc.constantFrom(2, 50, 5_000, 50_000))
    .map(([one, two, times]) => {
      const most = Math.ceil(LONGEST / Math.max((one + two).length, 1));
      return (one + two).repeat(Math.min(times, most));
    });
  const cut = fc
    .tuple(fc.constantFrom("", ...kept), fc.nat(), fc.nat(LONGEST))
    .map(([text, from, length]) => {
      const start = from % (text.length + 1);
      return text.slice(start, start + length);
    });
  return fc
    .array(
      fc.oneof(
        { weight: 8, arbitrary: piece },
        { weight: 1, arbitrary: repeated },
        { weight: 1, arbitrary: cut },
      ),
      { maxLength: 12 },
    )
    .map((parts) => parts.join("").slice(0, LONGEST));
}

async function check(
  target: Target,
  text: string,
  folder: string,
): Promise<void> {
  const before = process.memoryUsage().rss;
  const began = process.cpuUsage();
  try {
    await target.parse(text, folder);
  } catch (error) {
    if (!isRefusal(error)) throw error;
  }
  if (seconds === undefined) return;
  const { user, system } = process.cpuUsage(began);
  const took = Math.round((user + system) / 1000);
  const grown = process.memoryUsage().rss - before;
  if (took > MOST_MS * Math.max(text.length / LONGEST, 1))
    throw new Error(`It took ${took} ms.`);
  if (grown > MOST_BYTES) throw new Error(`It grew by ${grown} bytes.`);
}

async function fuzz(name: string, target: Target): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "fuzz-"));
  const kept = corpus(name);
  try {
    const result = await fc.check(
      fc.asyncProperty(texts(target, kept), (text) =>
        check(target, text, folder),
      ),
      {
        examples: kept.map((text) => [text]),
        seed: Number(values.seed),
        ...(seconds === undefined
          ? { numRuns: Number(values.runs) + kept.length }
          : { numRuns: 1e9, interruptAfterTimeLimit: 1000 * seconds }),
      },
    );
    if (!result.failed || result.counterexample === null) {
      console.log(`${name}: ${result.numRuns} texts`);
      return;
    }
    const path = join(tmpdir(), `fuzz-${name}.txt`);
    writeFileSync(path, result.counterexample[0] ?? "");
    console.error(`${name}: the text is in ${path}`, result.errorInstance);
    process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

for (const [name, target] of Object.entries(TARGETS)) {
  if (positionals.length === 0 || positionals.includes(name)) {
    await fuzz(name, target);
  }
}
