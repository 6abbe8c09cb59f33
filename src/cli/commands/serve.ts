/**
 * @file `autodidact serve`: a model behind OpenAI's API, until it is stopped.
 */
import { existsSync } from "node:fs";
import { basename, resolve } from "node:path";
import { AutodidactError } from "../../foundation/error.js";
import { workingDevice } from "../../engine/runtime/working-device.js";
import { withLoadedModel } from "../../generation/loaded-model.js";
import { isLoopbackAddress } from "../../http/loopback.js";
import { listen } from "../../server/listen.js";
import type { HostedModel } from "../../server/hosted-model.js";
import { defineCommand } from "../command.js";
import { DEVICE, MODEL, WEIGHTS } from "../common-options.js";
import { integerOption, textOption } from "../options.js";
import { aborted } from "../interrupt.js";
import { tellIgnored } from "../ignored-settings.js";

const KEY_VARIABLE = "AUTODIDACT_SERVE_KEY";
/** How long answers under way may take after Ctrl-C. */
const PATIENCE_MS = 10_000;

export const serveCommand = defineCommand({
  name: "serve",
  summary: "Serve a model to programs that speak OpenAI's API",
  description:
    "Answers /v1/completions (with echo and logprobs), /v1/chat/completions and /v1/models, as text or as a stream; requests join the batch that is running, and each gets what it would get alone. /health answers 200 as soon as the model is loaded. docs/serve.md says what is followed and what is refused.",
  options: {
    model: MODEL,
    name: textOption(
      "NAME",
      "What requests call the model; the folder's name when absent",
    ),
    host: textOption(
      "ADDRESS",
      "Address to listen on; any but a loopback one lets other machines in, so give a key",
      { default: "127.0.0.1" },
    ),
    port: integerOption("N", "Port to listen on; 0 for any that is free", {
      min: 0,
      max: 65_535,
      default: 8000,
    }),
    apiKey: textOption(
      "KEY",
      `Key that requests must send; the variable ${KEY_VARIABLE}, which other users of this machine cannot see, when absent`,
    ),
    slots: integerOption("N", "Most answers written at once", {
      min: 1,
      max: 128,
      default: 32,
    }),
    queue: integerOption("N", "Most prompts under way; more are turned away", {
      min: 1,
      default: 512,
    }),
    weights: WEIGHTS,
    device: DEVICE,
  },
  examples: {
    "autodidact serve --model runs/a/models/M3":
      "Serves a trained model at http://127.0.0.1:8000/v1",
  },
  afterInterrupt: "Run the same command to serve again.",
  run: async (values, io) => {
    const { model, host, port, slots, queue, weights } = values;
    const apiKey = values.apiKey ?? process.env[KEY_VARIABLE] ?? null;
    if (apiKey === "")
      throw new AutodidactError(
        "USAGE",
        `The key is empty. Give one with --api-key or ${KEY_VARIABLE}, or leave both out.`,
      );
    let served: HostedModel | null = null;
    const loopbackOnly = isLoopbackAddress(host);
    const server = await listen(
      { model: () => served, apiKey, loopbackOnly, queue },
      { host, port },
    );
    try {
      if (!loopbackOnly && apiKey === null)
        io.remark(
          `Everybody who reaches ${host} can use the model: give a key with --api-key.`,
        );
      io.remark(`Loading ${model}.`);
      const device = await workingDevice(values.device);
      const source = { model, device, weights, signal: io.signal };
      await withLoadedModel(source, async ({ languageModel, checkpoint }) => {
        tellIgnored(checkpoint, io.onEvent);
        const name = values.name ?? nameOf(model);
        const created = Math.floor(Date.now() / 1000);
        const open = await languageModel.open(slots);
        served = { ...open, name, alias: model, created, checkpoint };
        io.print(`Serving ${name} at ${server.url}`);
        io.printJson({
          model: name,
          url: server.url,
          max_model_len: checkpoint.config.maxPositions,
        });
        await aborted(io.signal);
        await server.close(PATIENCE_MS);
      });
    } finally {
      await server.close(0);
    }
    io.signal.throwIfAborted();
  },
});

/** A folder's own name, a Hub id as it is. */
function nameOf(model: string): string {
  return existsSync(model) ? basename(resolve(model)) : model;
}
