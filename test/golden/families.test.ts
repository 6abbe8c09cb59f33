/**
 * @file Every family against the real transformers: logits, greedy texts, losses and
 * gradients, however the work is cut into batches, padded and cached.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  openCheckpoint,
  type Checkpoint,
} from "../../src/checkpoints/checkpoint.js";
import { openDevice } from "../../src/engine/runtime/device.js";
import {
  compile,
  type Executable,
} from "../../src/engine/runtime/executable.js";
import { decode } from "../../src/generation/decoding.js";
import type { DecodingRequest } from "../../src/generation/decoding-batch.js";
import { extend } from "../../src/models/inference-calls.js";
import { buildInferenceGraph } from "../../src/models/inference-graph.js";
import { joinProjections } from "../../src/models/joined-projections.js";
import { PackedScorer } from "../../src/models/packed-scorer.js";
import { pairGroups, sides } from "../../src/training/preference-pair.js";
import { packSequences } from "../../src/models/packing.js";
import {
  loadParameters,
  type ParameterSet,
} from "../../src/models/parameters.js";
import type { TokenSequence } from "../../src/models/token-sequence.js";
import { preferenceObjective } from "../../src/training/objectives/preference.js";
import {
  supervisedObjective,
  totalTargetWeight,
} from "../../src/training/objectives/supervised.js";
import { TrainingModel } from "../../src/training/training-model.js";
import { FAMILY_CASES, type AspectName } from "./family-cases.js";
import {
  expectGradients,
  folderOfFamily,
  logSoftmax,
  readReference,
  relativeError,
} from "./fixture.js";

/** Bounds of the parity contract. */
const LOGIT_TOLERANCE = 1e-4;
const GRADIENT_TOLERANCE = 1e-3;
const LOSS_TOLERANCE = 1e-5;

const GREEDY_TOKENS = 64;
const device = openDevice("cpu");

describe.each(FAMILY_CASES)("$fixture", ({ fixture: family, except }) => {
  const itHas = (aspect: AspectName) => it.runIf(except[aspect] === undefined);
  const expected = readReference(family);
  let checkpoint: Checkpoint;
  let parameters: ParameterSet;
  let inference: Executable;
  let scorer: PackedScorer;
  let training: TrainingModel;

  beforeAll(async () => {
    checkpoint = await openCheckpoint(folderOfFamily(family));
    const { config } = checkpoint;
    parameters = await loadParameters(checkpoint);
    inference = await compile(
      buildInferenceGraph(joinProjections(config, parameters.tensors), {
        capacity: config.maxPositions,
        vocabulary: config.vocabSize,
      }),
      device,
    );
    const weights = { config, base: parameters, adapter: null };
    scorer = new PackedScorer(weights, device);
    training = new TrainingModel(weights, device);
  });
  afterAll(async () => {
    await inference.release();
    await scorer.release();
    await training.release();
  });

  /** Logits after each row's last token, all rows in one padded batch. */
  async function cachedLogits(
    rows: readonly (readonly number[])[],
    lastTokens: readonly number[],
  ): Promise<Float32Array[]> {
    const { config } = checkpoint;
    const { logits: flat } = await extend(
      { config, executable: inference },
      { prefix: [], rows, wanted: lastTokens },
    );
    return rows.map((_, i) =>
      flat.slice(i * config.vocabSize, (i + 1) * config.vocabSize),
    );
  }

  /** Log-probabilities of the whole vocabulary after each row, without a cache. */
  async function packedLogProbabilities(
    rows: readonly (readonly number[])[],
    rowLength = 0,
  ): Promise<Float32Array[]> {
    const { vocabSize } = checkpoint.config;
    const options = Array.from({ length: vocabSize }, (_, token) => token);
    const sequences = rows.map((ids): TokenSequence => {
      return { ids, completionStart: ids.length, options };
    });
    const flat = await scorer.logProbabilities(
      packSequences(sequences, rowLength),
    );
    return rows.map((_, i) => flat.slice(i * vocabSize, (i + 1) * vocabSize));
  }

  itHas("logits")("gives the logits of every position of a row", async () => {
    const [row = []] = expected.logits.rows;
    const repeated = row.map(() => row);
    const found = await cachedLogits(
      repeated,
      row.map((_, position) => position),
    );
    const errors = found.map((logits, position) =>
      relativeError(logits, expected.logits.first[position] ?? []),
    );
    expect(Math.max(...errors)).toBeLessThan(LOGIT_TOLERANCE);
  });

  itHas("logits")(
    "gives the last logits of every row of a padded batch",
    async () => {
      const { rows, last } = expected.logits;
      const found = await cachedLogits(
        rows,
        rows.map(({ length }) => length - 1),
      );
      const errors = found.map((logits, i) =>
        relativeError(logits, last[i] ?? []),
      );
      expect(Math.max(...errors)).toBeLessThan(LOGIT_TOLERANCE);
    },
  );

  itHas("logits")(
    "gives the same distribution from packed rows, with and without padding",
    async () => {
      const { rows, last } = expected.logits;
      for (const rowLength of [0, 80]) {
        const found = await packedLogProbabilities(rows, rowLength);
        const errors = found.map((logProbabilities, i) =>
          relativeError(logProbabilities, logSoftmax(last[i] ?? [])),
        );
        expect(Math.max(...errors)).toBeLessThan(LOGIT_TOLERANCE);
      }
    },
  );

  itHas("greedy").each([
    { batch: "all rows at once", samples: 1 },
    { batch: "all rows at once", samples: 3 },
    { batch: "one row at a time", samples: 1 },
    { batch: "one row at a time", samples: 3 },
  ])(
    "continues greedily over the cache, $batch, $samples sample(s) each",
    async ({ batch, samples }) => {
      const requests = expected.logits.rows.map((promptIds) =>
        greedyRequest(promptIds, samples),
      );
      const groups =
        batch === "all rows at once"
          ? [requests]
          : requests.map((request) => [request]);
      const { config } = checkpoint;
      const model = {
        config,
        executable: inference,
        eosTokenIds: new Set<number>(),
        vocabulary: config.vocabSize,
      };
      const found: (readonly number[])[][] = [];
      for (const group of groups) {
        for (const row of await decode(model, group))
          found.push(row.map(({ ids }) => ids));
      }
      expect(found).toEqual(
        expected.greedy.continuations.map((tokens) =>
          new Array<readonly number[]>(samples).fill(tokens),
        ),
      );
    },
  );

  itHas("greedy").each([
    { batch: "all rows at once", rowLength: 0 },
    { batch: "all rows at once", rowLength: 96 },
    { batch: "one row at a time", rowLength: 0 },
    { batch: "one row at a time", rowLength: 96 },
  ])(
    "continues greedily without a cache, $batch, rows of at least $rowLength tokens",
    async ({ batch, rowLength }) => {
      const rows = expected.logits.rows.map((ids) => [...ids]);
      const groups =
        batch === "all rows at once" ? [rows] : rows.map((row) => [row]);
      for (const group of groups) {
        for (let step = 0; step < GREEDY_TOKENS; step++) {
          const found = await packedLogProbabilities(group, rowLength);
          group.forEach((row, i) => row.push(argmax(found[i] ?? [])));
        }
      }
      const starts = expected.logits.rows;
      expect(rows.map((row, i) => row.slice(starts[i]?.length))).toEqual(
        expected.greedy.continuations,
      );
    },
  );

  itHas("sft")(
    "gives the supervised loss and every parameter's gradient",
    async () => {
      const batch = packSequences(
        expected.sft.rows.map(({ prompt, completion }) =>
          completed(prompt, completion),
        ),
      );
      const { loss } = await training.backward(
        batch,
        supervisedObjective(batch, totalTargetWeight([batch])),
      );
      expect(relativeError([loss], [expected.sft.loss])).toBeLessThan(
        LOSS_TOLERANCE,
      );
      expectGradients(
        training.gradients,
        expected.sft.gradients,
        GRADIENT_TOLERANCE,
      );
    },
  );

  itHas("dpo").each([{ prompts: "computed twice" }, { prompts: "shared" }])(
    "gives the preference loss and every parameter's gradient, prompts $prompts",
    async ({ prompts }) => {
      const { beta, pairs, referenceLogps, policyLogps } = expected.dpo;
      const encoded = pairs.map(({ prompt, chosen, rejected }) => ({
        chosen: completed(prompt, chosen),
        rejected: completed(prompt, rejected),
      }));
      const sequences = sides(encoded);
      const groups = pairGroups(encoded);
      const batch =
        prompts === "shared"
          ? packSequences(sequences, 0, groups)
          : packSequences(sequences);
      const reference = Float32Array.from([
        ...referenceLogps.chosen,
        ...referenceLogps.rejected,
      ]);
      const objective = preferenceObjective(batch, reference, {
        beta,
        loss: "sigmoid",
        labelSmoothing: 0,
        nllWeight: 0,
        lengthNormalized: false,
      });
      const { loss, bySequence } = await training.backward(batch, objective);
      expect(relativeError([loss], [expected.dpo.loss])).toBeLessThan(
        LOSS_TOLERANCE,
      );
      expect(
        relativeError(bySequence ?? [], [
          ...policyLogps.chosen,
          ...policyLogps.rejected,
        ]),
      ).toBeLessThan(LOSS_TOLERANCE);
      expectGradients(
        training.gradients,
        expected.dpo.gradients,
        GRADIENT_TOLERANCE,
      );
    },
  );
});

function greedyRequest(
  promptIds: readonly number[],
  n: number,
): DecodingRequest {
  return {
    promptIds,
    n,
    seed: 1,
    maxTokens: GREEDY_TOKENS,
    temperature: 0,
    topP: 1,
    topK: 0,
    ended: null,
  };
}

function completed(
  prompt: readonly number[],
  completion: readonly number[],
): TokenSequence {
  return { ids: [...prompt, ...completion], completionStart: prompt.length };
}

function argmax(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++)
    if ((values[i] ?? 0) > (values[best] ?? 0)) best = i;
  return best;
}
