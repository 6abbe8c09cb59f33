#!/usr/bin/env node
/**
 * Plays vLLM's server for tests, with vLLM's ways to fail. FAKE_VLLM names a JSON file:
 * {log, exitAfterMs, readyAfterMs, dieAt, memory}; `dieAt` counts completions over all
 * starts, in the file `memory`.
 */
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { choiceOf, die, enginePid, option, serve } from "./played-server.mjs";

const behaviour = existsSync(process.env.FAKE_VLLM ?? "")
  ? JSON.parse(readFileSync(process.env.FAKE_VLLM, "utf8"))
  : {};
const say = (text) =>
  process.stdout.write(
    `(APIServer pid=${process.pid}) INFO 11-30 20:23:18 [api_server.py:1] ${text}\n`,
  );
const note = (what) =>
  appendFileSync(behaviour.memory ?? "/dev/null", `${what}\n`);

note(`start ${option("model")} ${process.pid} ${enginePid}`);
say(`loading ${option("model")}`);
if (behaviour.log !== undefined) {
  process.stdout.write(behaviour.log);
  setTimeout(() => process.exit(1), behaviour.exitAfterMs ?? 0);
} else setTimeout(begin, behaviour.readyAfterMs ?? 0);

function begin() {
  serve({
    answer,
    onListening: () => say("Application startup complete."),
    onError: ({ code }) => {
      process.stdout.write(
        `OSError: [Errno 98] error while attempting to bind on address: Address already in use (${code})\n`,
      );
      process.exit(1);
    },
    noted: (path, { lora_name: lora }) => note(`adapter ${path} ${lora}`),
  });
}

function answer(body, respond) {
  note(`ask ${body.prompt.join(",")}`);
  const asked =
    behaviour.memory === undefined
      ? 0
      : readFileSync(behaviour.memory, "utf8")
          .split("\n")
          .filter((line) => line.startsWith("ask")).length;
  if ((behaviour.dieAt ?? []).includes(asked)) {
    die();
    return respond([]);
  }
  // The prompt's last token again, then the end.
  const ids = [
    body.prompt.at(-1),
    ...(body.stop_token_ids ?? []).slice(0, 1),
  ].slice(0, body.max_tokens);
  const choices = Array.from({ length: body.n ?? 1 }, (_, index) =>
    choiceOf(body, index, ids, (id) => -id),
  );
  setTimeout(() => respond(choices), behaviour.answerMs ?? 0);
}
process.on("SIGTERM", () => process.exit(0));
