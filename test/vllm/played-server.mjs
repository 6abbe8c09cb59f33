/**
 * What every program that plays vLLM's server shares: the command line, the paths, the key,
 * the form of an answer, adapters, and a child in its process group where vLLM has its
 * engine, without which it dies as vLLM does.
 */
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";

const args = process.argv.slice(2);
export const option = (name) => args[args.indexOf(`--${name}`) + 1];
const name = option("served-model-name");
const key = /api-key: (\w+)/.exec(readFileSync(option("config"), "utf8"))[1];

const engine = spawn(
  process.execPath,
  ["-e", "process.on('SIGTERM',()=>{});setInterval(()=>{},1000)"],
  { stdio: "ignore" },
);
engine.once("exit", () => die());
export const enginePid = engine.pid;

let dead = false;
/** As an engine that dies: what is in flight gets a 500, the server ends a moment later. */
export function die() {
  dead = true;
  setTimeout(() => process.exit(1), 300);
}

const fail = (code, message) => [code, { error: { message, code } }];
const ENGINE_DEAD = fail(
  500,
  "EngineCore encountered an issue. See stack trace (above) for the root cause.",
);

/** Names of loaded adapters, with their folders. */
const adapters = new Map();

function load({ lora_name: lora, lora_path: path }) {
  if (!args.includes("--enable-lora"))
    return fail(500, "LoRA is not enabled. Use --enable-lora.");
  if (adapters.has(lora))
    return fail(400, `The lora adapter '${lora}' has already been loaded.`);
  const config = join(path, "adapter_config.json");
  if (!existsSync(config)) return fail(404, `No adapter found for ${path}`);
  if (JSON.parse(readFileSync(config, "utf8")).r > option("max-lora-rank"))
    return fail(400, "LoRA rank is greater than max_lora_rank");
  adapters.set(lora, path);
  return [200, "Success: LoRA adapter added."];
}

function unload({ lora_name: lora }) {
  return adapters.delete(lora)
    ? [200, "Success: LoRA adapter removed."]
    : fail(404, `The lora adapter '${lora}' cannot be found.`);
}

/**
 * @param answer gets a request, calls back with choices, and may call `die` instead
 * @param noted told of adapters that come and go
 */
export function serve({ answer, onListening, onError, noted = () => {} }) {
  const post = (path, body, send) => {
    if (dead) return send(...ENGINE_DEAD);
    if (path === "/v1/completions") {
      if (body.model !== name && !adapters.has(body.model))
        return send(
          ...fail(404, `The model \`${body.model}\` does not exist.`),
        );
      if (body.prompt.length + body.max_tokens > option("max-model-len"))
        return send(...fail(400, "too long"));
      return answer(body, (choices) =>
        send(...(dead ? ENGINE_DEAD : [200, { choices }])),
      );
    }
    const change = { load, unload }[/^\/v1\/(\w+)_lora_adapter$/.exec(path)[1]];
    noted(path, body);
    return send(...change(body));
  };
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
          data: [name, ...adapters.keys()].map((id) => ({
            id,
            max_model_len: Number(option("max-model-len")),
          })),
        });
      post(
        request.url,
        JSON.parse(Buffer.concat(chunks).toString("utf8")),
        send,
      );
    });
  })
    .on(
      "error",
      onError ??
        ((error) => {
          throw error;
        }),
    )
    .listen(Number(option("port")), option("host"), onListening);
}

/** The folder of the weights that a request asks for: those of an adapter, or the model's own. */
export const weightsOf = ({ model }) => adapters.get(model) ?? option("model");

/**
 * One choice of an answer.
 * @param ids of its tokens
 * @param logprobOf of a token that its request names
 */
export function choiceOf(body, index, ids, logprobOf) {
  return {
    index,
    text: "",
    finish_reason: (body.stop_token_ids ?? []).includes(ids.at(-1))
      ? "stop"
      : "length",
    token_ids: ids,
    logprobs: {
      token_logprobs: ids.map(() => -0.5),
      top_logprobs: ids.map(() =>
        Object.fromEntries(
          (body.logprob_token_ids ?? []).map((id) => [
            `token_id:${id}`,
            logprobOf(id),
          ]),
        ),
      ),
    },
    prompt_logprobs:
      body.prompt_logprobs === undefined
        ? null
        : body.prompt.map((id, place) =>
            place === 0 ? null : { [id]: { logprob: -1 } },
          ),
  };
}
