/**
 * @file The same preference training by this program through TRL, and by a script of TRL,
 * each from its start to the weights on the disk.
 */
import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { randomStream } from "../../src/foundation/random.js";
import { localLauncher } from "../../src/launchers/local.js";
import { freePort } from "../../src/launchers/meeting-port.js";
import { trlTrainer } from "../../src/trl/trl-trainer.js";

const M0 = fileURLToPath(new URL("../../nursery/m0", import.meta.url));
const SCRIPT = fileURLToPath(new URL("plain-trl.py", import.meta.url));
const PROCESSES = 2;
/** Pairs; with the batches of both processes as many steps an epoch as a quarter of them. */
const PAIRS = 1600;
const BATCH = 4;

export interface TrainingTimes {
  /** Seconds. */
  readonly ours: readonly number[];
  readonly plain: readonly number[];
}

export async function measureTraining(
  folder: string,
  rounds: number,
): Promise<TrainingTimes> {
  const python = process.env["AUTODIDACT_PYTHON"] ?? "python3";
  const random = randomStream(1, "bench");
  const rows = Array.from({ length: PAIRS }, () => {
    const letters = Array.from({ length: 16 }, () =>
      String.fromCharCode(97 + random.integer(26)),
    );
    return {
      prompt: `write ${letters.join(" ")} in reverse :`,
      chosen: ` ${letters.toReversed().join(" ")}`,
      rejected: ` ${letters.join(" ")}`,
    };
  });
  await mkdir(folder, { recursive: true });
  const data = join(folder, "pairs.jsonl");
  const lines = rows.map((row) => `${JSON.stringify(row)}\n`);
  await writeFile(data, lines.join(""));
  const trainer = trlTrainer({
    launcher: localLauncher,
    ...{ python, nodes: 1, processesPerNode: PROCESSES, strategy: "ddp" },
    ...{ precision: "float32", device: "cpu" },
  });
  const [ours, plain]: [number[], number[]] = [[], []];
  for (let round = 1; round <= rounds; round++) {
    ours.push(
      await secondsOf(() =>
        trainer.dpo({
          checkpoint: M0,
          output: join(folder, `ours-${round}`),
          ...{ rows, rehearsal: [] },
          settings: {
            ...{ learningRate: 1e-5, epochs: 1, batchSize: BATCH },
            // A batch of a process each makes the batch of a step.
            ...{ gradientAccumulation: PROCESSES, schedule: "linear" },
            ...{ warmupRatio: 0, minLearningRateRatio: 0, weightDecay: 0 },
            ...{ beta1: 0.9, beta2: 0.999, epsilon: 1e-8, maxGradNorm: 1 },
            ...{ maxLength: 256, shuffle: true, seed: 1, beta: 0.1 },
            ...{ loss: "sigmoid", labelSmoothing: 0, nllWeight: 0 },
            ...{ lengthNormalized: false, rehearsalEvery: 0 },
            rehearsalBatchSize: 0,
          },
        }),
      ),
    );
    const torchrun = [
      ...["-m", "torch.distributed.run", "--nproc-per-node", `${PROCESSES}`],
      ...["--master-addr", "127.0.0.1", "--master-port", `${await freePort()}`],
      ...[SCRIPT, M0, data, join(folder, `plain-${round}`), `${BATCH}`],
    ];
    plain.push(
      await secondsOf(() =>
        promisify(execFile)(python, torchrun, {
          env: {
            ...{ ...process.env, HF_HUB_OFFLINE: "1", OMP_NUM_THREADS: "1" },
            ...{ GLOO_SOCKET_IFNAME: "lo", TOKENIZERS_PARALLELISM: "false" },
          },
          maxBuffer: 2 ** 26,
        }),
      ),
    );
    console.log(
      `${round}: ${ours.at(-1)?.toFixed(1)} s, plain ${plain.at(-1)?.toFixed(1)} s`,
    );
  }
  return { ours, plain };
}

async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}
