#!/usr/bin/env node
/**
 * Plays vLLM's server for tests: the same command line, the same paths and answers, a
 * child in its process group where vLLM has its engine, and vLLM's ways to fail.
 * FAKE_VLLM names a JSON file: {log, exitAfterMs, readyAfterMs, dieAt, memory}; `dieAt` counts
 * completions over all starts, in the file `memory`.
 */
import { spawn } from "node:child_process";
import {
  existsSync,
  readFileSync,
  writeFileSync,
  appendFileSync,
} from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";

const args = process.argv.slice(2);
const option = (name) => args[args.indexOf(`--${name}`) + 1];
const behaviour = existsSync(process.env.FAKE_VLLM ?? "")
  ? JSON.parse(readFileSync(process.env.FAKE_VLLM, "utf8"))
  : {};
const name = option("served-model-name");
const key = /api-key: (\w+)/.exec(readFileSync(option("config"), "utf8"))[1];
const say = (text) =>
  process.stdout.write(
    `(APIServer pid=${process.pid}) INFO 11-30 20:23:18 [api_server.py:1] ${text}\n`,
  );
const note = (what) =>
  appendFileSync(behaviour.memory ?? "/dev/null", `${what}\n`);

const engine = spawn(
  process.execPath,
  ["-e", "process.on('SIGTERM',()=>{});setInterval(()=>{},1000)"],
  { stdio: "ignore" },
);
note(`start ${option("model")} ${process.pid} ${engine.pid}`);
say(`loading ${option("model")}`);
if (behaviour.log !== undefined) {
  process.stdout.write(behaviour.log);
  setTimeout(() => process.exit(1), behaviour.exitAfterMs ?? 0);
} else setTimeout(serve, behaviour.readyAfterMs ?? 0);

let dead = false;

function serve() {
  createServer((request, response) => {
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      const send = (status, value) => {
        response.writeHead(status, { "content-type": "application/json" });
        response.end(JSON.stringify(value));
      };
      if (request.url === "/health") return send(dead ? 503 : 200, {});
      if (request.headers.authorization !== `Bearer ${key}`)
        return send(401, { error: "Unauthorized" });
      if (request.url === "/v1/models")
        return send(200, {
          object: "list",
          data: [{ id: name, max_model_len: Number(option("max-model-len")) }],
        });
      answer(JSON.parse(Buffer.concat(chunks).toString("utf8")), send);
    });
  })
    .on("error", ({ code }) => {
      process.stdout.write(
        `OSError: [Errno 98] error while attempting to bind on address: Address already in use (${code})\n`,
      );
      process.exit(1);
    })
    .listen(Number(option("port")), option("host"), () =>
      say("Application startup complete."),
    );
}

function answer(body, send) {
  note(`ask ${body.prompt.join(",")}`);
  const asked =
    behaviour.memory === undefined
      ? 0
      : readFileSync(behaviour.memory, "utf8")
          .split("\n")
          .filter((line) => line.startsWith("ask")).length;
  if (dead || (behaviour.dieAt ?? []).includes(asked)) {
    // As an engine that dies: what is in flight gets this, the server ends a moment later.
    dead = true;
    setTimeout(() => process.exit(1), 300);
    return send(500, {
      error: {
        message:
          "EngineCore encountered an issue. See stack trace (above) for the root cause.",
        type: "InternalServerError",
        code: 500,
      },
    });
  }
  if (body.prompt.length + body.max_tokens > Number(option("max-model-len")))
    return send(400, { error: { message: "too long", code: 400 } });
  // The prompt's last token again, then the end.
  const ids = [
    body.prompt.at(-1),
    ...(body.stop_token_ids ?? []).slice(0, 1),
  ].slice(0, body.max_tokens);
  const choices = Array.from({ length: body.n ?? 1 }, (_, index) => ({
    index,
    text: "",
    finish_reason: ids.length < 2 ? "length" : "stop",
    token_ids: ids,
    logprobs: {
      token_logprobs: ids.map(() => -0.5),
      top_logprobs: ids.map(() =>
        Object.fromEntries(
          (body.logprob_token_ids ?? []).map((id) => [`token_id:${id}`, -id]),
        ),
      ),
    },
    prompt_logprobs:
      body.prompt_logprobs === undefined
        ? null
        : body.prompt.map((id, place) =>
            place === 0 ? null : { [id]: { logprob: -1 } },
          ),
  }));
  setTimeout(() => send(200, { choices }), behaviour.answerMs ?? 0);
}
process.on("SIGTERM", () => process.exit(0));
