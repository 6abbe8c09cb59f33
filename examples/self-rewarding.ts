/**
 * @file The self-rewarding loop from a program: M0 → M1 → M2 → M3, each trained on
 * what the one before wrote and judged, and what became of it.
 *
 *   npx tsx examples/self-rewarding.ts recipes/nursery.yaml runs/loop
 */
import {
  describeEnvironment,
  embeddedModelHost,
  embeddedTrainer,
  loadRecipe,
  selfRewardingSchema,
  startRun,
} from "autodidact";
import { openDevice } from "autodidact/engine";

const [recipe = "recipes/nursery.yaml", folder = "runs/loop"] =
  process.argv.slice(2);
const device = openDevice("cpu");
const stop = new AbortController();
process.once("SIGINT", () => stop.abort());

const { models } = await startRun({
  folder,
  recipe: await loadRecipe(recipe, selfRewardingSchema),
  host: embeddedModelHost(device),
  trainer: embeddedTrainer(device),
  environment: describeEnvironment(),
  emit: () => undefined,
  signal: stop.signal,
  now: () => performance.now() / 1000,
  force: false,
});
for (const { id, accuracy, selfReward } of models)
  console.log(`${id}: right ${accuracy?.mean}, its own reward ${selfReward}`);
