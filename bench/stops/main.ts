/**
 * @file `npx tsx bench/stops/main.ts MODEL [ROUNDS] [SEED]`: stops generate, judge, train,
 * run and instruct with a checkpoint at random moments, by Ctrl-C and by SIGTERM in turn,
 * and tells how soon each says that it heard and how soon it has ended.
 *
 * Prompts have 230 words. Each command goes on with what the stop before it left. It runs
 * the build in dist; nothing else should run beside it.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { stringify } from "yaml";
import {
  randomStream,
  type RandomStream,
} from "../../src/foundation/random.js";

const PROGRAM = fileURLToPath(
  new URL("../../dist/cli/main.js", import.meta.url),
);
const WORDS =
  "the city of stones lies near a river and people come there to trade bread for silver while birds fly over the old bridge".split(
    " ",
  );
/** Between the start and the signal, in seconds. */
const EARLIEST = 3;
const LATEST = 24;

const [given = "", rounds = "4", seed = "1"] = process.argv.slice(2);
const model = resolve(given);
const random = randomStream(Number(seed), "stops");
const folder = mkdtempSync(join(tmpdir(), "autodidact-stops-"));

function text(from: RandomStream, words: number): string {
  const said = Array.from({ length: words }, () => from.pick(WORDS));
  return `Tell me about this: ${said.join(" ")}`;
}

function write(name: string, count: number, members: readonly string[]): void {
  const from = randomStream(Number(seed), name);
  const rows = Array.from({ length: count }, () =>
    Object.fromEntries(
      members.map((member, i) => [member, text(from, i === 0 ? 230 : 50)]),
    ),
  );
  writeFileSync(
    join(folder, name),
    rows.map((row) => `${JSON.stringify(row)}\n`).join(""),
  );
}

write("prompts.jsonl", 200, ["prompt"]);
write("answers.jsonl", 300, ["prompt", "response"]);
write("rows.jsonl", 400, ["prompt", "completion"]);
write("held-out.jsonl", 40, ["prompt"]);
write("loop-prompts.jsonl", 60, ["prompt"]);
writeFileSync(
  join(folder, "loop.yaml"),
  stringify({
    ...{ name: "loop", rounds: 1, base: model },
    data: { heldOut: "held-out.jsonl" },
    prompts: { file: "loop-prompts.jsonl", count: 40 },
    candidates: { n: 2, temperature: 0.9, maxTokens: 60 },
    judge: { reward: "expected", answer: "Score: {score}", gate: 0 },
    pairs: { finishedOnly: false, minMargin: 0 },
    preference: { lora: { rank: 8, alpha: 16 }, epochs: 3, maxLength: 512 },
    evaluation: { maxTokens: 60, samplesPerPrompt: 0 },
  }),
);

const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  generate: [
    ...["generate", "--chat", "--prompts", "prompts.jsonl"],
    ...["--max-tokens", "120", "--out", "out.jsonl", "--model", model],
  ],
  judge: [
    ...["judge", "--data", "answers.jsonl", "--out", "judged.jsonl"],
    ...["--model", model],
  ],
  train: [
    ...["train", "sft", "--data", "rows.jsonl", "--out", "tuned"],
    ...["--batch-size", "4", "--max-length", "512", "--model", model],
  ],
  run: ["run", "loop.yaml", "--run-dir", "loop"],
  instruct: [
    "instruct",
    "--run-dir",
    "made",
    "--accept",
    "200",
    "--model",
    model,
  ],
};

interface Stop {
  /** Seconds; null when it had ended by itself. */
  readonly heard: number | null;
  readonly ended: number | null;
  /** Its last line. */
  readonly said: string;
}

function stop(
  args: readonly string[],
  signal: NodeJS.Signals,
  after: number,
): Promise<Stop> {
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    cwd: folder,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let sent: number | null = null;
  let heard: number | null = null;
  let said = "";
  const since = (): number | null =>
    sent === null ? null : (performance.now() - sent) / 1000;
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (piece: string) => {
      said = (said + piece).slice(-2000);
      if (piece.includes("Stopping")) heard ??= since();
    });
  const timer = setTimeout(() => {
    sent = performance.now();
    // A terminal sends Ctrl-C to the whole group, a scheduler SIGTERM to one process.
    const to = signal === "SIGINT" ? -(child.pid ?? 0) : (child.pid ?? 0);
    process.kill(to, signal);
  }, after * 1000);
  return new Promise((done) => {
    child.on("close", () => {
      clearTimeout(timer);
      const last = said.trim().split("\n").at(-1) ?? "";
      done({ heard, ended: since(), said: last });
    });
  });
}

try {
  for (let round = 0; round < Number(rounds); round++)
    for (const [name, args] of Object.entries(COMMANDS)) {
      const signal = round % 2 === 0 ? "SIGINT" : "SIGTERM";
      const after = EARLIEST + (LATEST - EARLIEST) * random.next();
      const { heard, ended, said } = await stop(args, signal, after);
      console.log(
        [name, signal, `after ${after.toFixed(1)} s:`]
          .concat(
            ended === null
              ? ["ended by itself"]
              : [`heard ${heard?.toFixed(2)}, ended ${ended.toFixed(2)} s`],
          )
          .concat(`| ${said}`)
          .join(" "),
      );
    }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
