/**
 * @file Several servers of one checkpoint as one: each request goes to the one with the
 * least to do, and a server that dies is started again while the others go on. Only what
 * was not answered is asked again.
 */
import { setTimeout as pause } from "node:timers/promises";
import { AutodidactError } from "../foundation/error.js";
import type { CompletionAnswer, CompletionBody } from "./completion-request.js";
import {
  askServer,
  dropAdapters,
  stopServer,
  type RunningServer,
  type ServedAdapter,
} from "./running-server.js";
import { forgetServer } from "./server-record.js";
import type { ServedCheckpoint } from "./server-job.js";
import { startServer, type ServerParts } from "./start-server.js";

/** Attempts at one request, and deaths of an instance in a row without an answer. */
const ATTEMPTS = 3;
/** Before a request is sent again to a server that lives. */
const AGAIN_MS = 500;

interface Instance {
  server: Promise<RunningServer>;
  /** Whether its server is there to be asked. */
  ready: boolean;
  inFlight: number;
  /** Since it answered last. */
  deaths: number;
}

export class Instances {
  readonly #parts: ServerParts;
  readonly #checkpoint: ServedCheckpoint;
  readonly #instances: Instance[];
  #adapter: ServedAdapter | null = null;

  private constructor(parts: ServerParts, checkpoint: ServedCheckpoint) {
    this.#parts = parts;
    this.#checkpoint = checkpoint;
    this.#instances = Array.from(
      { length: parts.settings.instances },
      (_, number) => this.#begin(number),
    );
  }

  /** Starts all of them; ends all where one does not start. @throws as `startServer` does */
  static async start(
    parts: ServerParts,
    checkpoint: ServedCheckpoint,
  ): Promise<Instances> {
    const instances = new Instances(parts, checkpoint);
    try {
      await settled(instances.#instances.map(({ server }) => server));
    } catch (error) {
      await instances.stop();
      throw error;
    }
    return instances;
  }

  get count(): number {
    return this.#instances.length;
  }

  /** From now on requests are for the weights with this adapter, or for them alone. */
  async adapt(adapter: ServedAdapter | null): Promise<void> {
    this.#adapter = adapter;
    await Promise.all(
      this.#instances.map(async ({ server, ready }) => {
        if (ready) await dropAdapters(await server, adapter);
      }),
    );
  }

  /** @throws ENDPOINT after so many attempts, or when the server refuses; the signal's reason */
  async ask(
    body: CompletionBody,
    signal: AbortSignal,
  ): Promise<CompletionAnswer> {
    let evidence = "";
    for (let tried = 0; tried < ATTEMPTS; tried++) {
      const instance = this.#leastBusy();
      instance.inFlight++;
      try {
        const server = await instance.server;
        const said = await askServer(
          { server, launcher: this.#parts.launcher },
          { body, adapter: this.#adapter },
          signal,
        );
        if ("answer" in said) {
          instance.deaths = 0;
          return said.answer;
        }
        if ("lost" in said) this.#restart(instance, server);
        else await pause(AGAIN_MS);
        evidence = "lost" in said ? said.lost : said.again;
      } finally {
        instance.inFlight--;
      }
    }
    throw new AutodidactError(
      "ENDPOINT",
      `vLLM did not answer a request in ${ATTEMPTS} attempts (${evidence}). Everything answered before is kept; see the logs in ${this.#parts.folder}, then run the same command again to go on.`,
      { evidence, folder: this.#parts.folder },
    );
  }

  /** Ends all of them. */
  async stop(): Promise<void> {
    await settled(
      this.#instances.map(async ({ server }) => {
        const running = await server.catch(() => undefined);
        if (running !== undefined) await this.#end(running);
      }),
    );
  }

  #leastBusy(): Instance {
    const [first, ...others] = this.#instances;
    return others.reduce(
      (best, each) =>
        each.ready !== best.ready
          ? each.ready
            ? each
            : best
          : each.inFlight < best.inFlight
            ? each
            : best,
      first as Instance,
    );
  }

  #begin(number: number): Instance {
    const instance: Instance = {
      server: startServer(this.#parts, this.#checkpoint, number),
      ready: false,
      inFlight: 0,
      deaths: 0,
    };
    watch(instance);
    return instance;
  }

  /** Once for each server that died, however many requests notice. */
  #restart(instance: Instance, dead: RunningServer): void {
    if (!instance.ready) return;
    instance.ready = false;
    instance.deaths++;
    const number = this.#instances.indexOf(instance);
    this.#parts.onProgress(
      `vLLM died (${dead.servedName}) and is started again`,
    );
    instance.server = this.#end(dead).then(() => {
      if (instance.deaths >= ATTEMPTS)
        throw new AutodidactError(
          "ENDPOINT",
          `vLLM died ${ATTEMPTS} times in a row without answering anything. Everything answered before is kept; the log of the last one lies in ${dead.attempt.job.folder}.`,
          { folder: dead.attempt.job.folder },
        );
      return startServer(this.#parts, this.#checkpoint, number);
    });
    watch(instance);
  }

  async #end(server: RunningServer): Promise<void> {
    await stopServer(server, this.#parts.launcher);
    await forgetServer(server.attempt.job);
  }
}

/** Notes when its server is there; that it does not come is told to whoever asks. */
function watch(instance: Instance): void {
  const { server } = instance;
  server.then(
    () => {
      instance.ready = true;
    },
    () => undefined,
  );
}

/** Waits for all of them. @throws the first failure, when all have ended */
async function settled(promises: readonly Promise<unknown>[]): Promise<void> {
  const results = await Promise.allSettled(promises);
  const failed = results.find(({ status }) => status === "rejected");
  if (failed?.status === "rejected") throw failed.reason;
}
