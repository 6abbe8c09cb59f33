/**
 * @file A model answers a prompt four times and ranks its own answers: the heart of
 * the loop in thirty lines, with the published entry points only.
 *
 *   npx tsx examples/rank-answers.ts runs/nursery-seed-1/models/M3 "reverse the letters : r y d a"
 */
import {
  embeddedModelHost,
  judgeItems,
  loadRecipe,
  selfRewardingSchema,
} from "autodidact";
import { openDevice } from "autodidact/engine";

const [checkpoint = "nursery/m0", prompt = "reverse the letters : r y d a"] =
  process.argv.slice(2);
// The nursery's models know one judge prompt: the one of the nursery's recipe.
const recipe = await loadRecipe("recipes/nursery.yaml", selfRewardingSchema);
const { n, ...sampling } = recipe.candidates;

const ranked = await embeddedModelHost(openDevice("cpu")).withModel(
  checkpoint,
  async (model) => {
    const [answers = []] = await model.generate([
      {
        ...sampling,
        prompt: [{ role: "user", content: prompt }],
        n,
        stop: [],
        seed: 1,
      },
    ]);
    const responses = [...new Set(answers.map(({ text }) => text.trim()))];
    const judgements = await judgeItems(
      model,
      responses.map((response) => ({ prompt, response })),
      { ...recipe.judge, seed: 1 },
    );
    return responses
      .map((response, i) => ({ response, judgement: judgements[i] }))
      .map(({ response, judgement }) => ({
        response,
        score: judgement?.kind === "score" ? judgement.score : null,
      }))
      .sort((a, b) => (b.score ?? -1) - (a.score ?? -1));
  },
);

for (const { response, score } of ranked) {
  process.stdout.write(`${score?.toFixed(2) ?? "   –"}  ${response}\n`);
}
