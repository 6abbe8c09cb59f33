/**
 * @file Self-Instruct with training: a base model writes its own instruction data, is
 * fine-tuned on them, and is measured before and after.
 *
 *   npx tsx examples/self-instruct-training.ts recipes/nursery-self-instruct.yaml runs/taught
 */
import {
  describeEnvironment,
  embeddedModelHost,
  embeddedTrainer,
  loadRecipe,
  selfInstructTrainingSchema,
  startSelfInstructTraining,
} from "autodidact";
import { openDevice } from "autodidact/engine";

const [recipe = "recipes/nursery-self-instruct.yaml", folder = "runs/taught"] =
  process.argv.slice(2);
const device = openDevice("cpu");
const stop = new AbortController();
process.once("SIGINT", () => stop.abort());

const { models } = await startSelfInstructTraining({
  folder,
  recipe: await loadRecipe(recipe, selfInstructTrainingSchema),
  host: embeddedModelHost(device),
  trainer: embeddedTrainer(device),
  environment: describeEnvironment(),
  emit: () => undefined,
  signal: stop.signal,
  now: () => performance.now() / 1000,
});
for (const { id, accuracy } of models)
  console.log(`${id}: right ${accuracy?.mean}`);
