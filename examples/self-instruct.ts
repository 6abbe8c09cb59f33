/**
 * @file Self-Instruct over an OpenAI-compatible endpoint: instructions with instances
 * from the bundled seed tasks, within two million tokens.
 *
 *   npx tsx examples/self-instruct.ts http://127.0.0.1:8000/v1 my-model runs/data 100
 */
import {
  describeEnvironment,
  endpointAuthor,
  instructSettings,
  runInstruct,
} from "autodidact";

const [
  baseUrl = "http://127.0.0.1:8000/v1",
  model = "my-model",
  folder = "runs/data",
  accept = "100",
] = process.argv.slice(2);
const stop = new AbortController();
process.once("SIGINT", () => stop.abort());

const report = await runInstruct({
  folder,
  // A base model continues texts; for a chat model leave the style out.
  settings: instructSettings({ accept: Number(accept), style: "completion" }),
  withAuthor: endpointAuthor({
    endpoint: { baseUrl, model },
    limits: { maxTokens: 2_000_000 },
    signal: stop.signal,
  }),
  environment: describeEnvironment(),
  emit: () => undefined,
  signal: stop.signal,
  now: () => performance.now() / 1000,
});
console.log(`${report.accepted} instructions lie in ${folder}/dataset`);
