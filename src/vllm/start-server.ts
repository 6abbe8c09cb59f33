/**
 * @file Starting one vLLM server: submitted, waited for, known by its name.
 *
 * Ready is a server whose process lives, that says it is well, and that lists our unique
 * name: on a port that somebody else has, `/health` answers for somebody else.
 */
import { randomBytes } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { AutodidactError } from "../foundation/error.js";
import { systemClock, type Clock } from "../foundation/clock.js";
import {
  openTransport,
  type Transport,
} from "../endpoints/transport/transport.js";
import type { Attempt } from "../launchers/job.js";
import type { Launcher } from "../launchers/launcher.js";
import { freePort, guessedPort } from "../launchers/meeting-port.js";
import { isReady } from "./readiness.js";
import { reportOf, type RunningServer } from "./running-server.js";
import { makeServerJob, type ServedCheckpoint } from "./server-job.js";
import { forgetServer, recordServer } from "./server-record.js";
import type { ServerSettings } from "./server-settings.js";
import { ServerLog } from "./server-log.js";

export interface ServerParts {
  readonly launcher: Launcher;
  readonly settings: ServerSettings;
  /** Of the servers of a run. */
  readonly folder: string;
  readonly signal: AbortSignal;
  /** Told what a server does while it is waited for: at once, and every few seconds. */
  readonly onProgress: (doing: string) => void;
  readonly clock?: Clock;
}

/** Starts on ports that turned out to be taken. */
const PORTS_TRIED = 3;
/** Between two words about it. */
const TELL_MS = 5000;
/** A server that is starting and says nothing for so long hangs. */
const SILENT_MS = 20 * 60_000;
/**
 * @throws ENDPOINT with the cause that its log holds; INTERRUPTED; JOB
 */
export async function startServer(
  parts: ServerParts,
  checkpoint: ServedCheckpoint,
  instance: number,
): Promise<RunningServer> {
  for (let tried = 1; ; tried++) {
    const started = await tryStart(parts, checkpoint, instance);
    if ("server" in started) return started.server;
    const { log, message } = started;
    const { name, cause, remedy } = log.failure();
    if (
      name === "port taken" &&
      parts.settings.port === null &&
      tried < PORTS_TRIED
    )
      continue;
    throw new AutodidactError(
      "ENDPOINT",
      `vLLM did not start with ${checkpoint.folder}${message === "" ? "" : ` (${message})`}: ${cause} ${remedy} Its log: ${log.folder}`,
      { failure: name, cause, folder: log.folder },
    );
  }
}

type Started =
  | { readonly server: RunningServer }
  | { readonly log: ServerLog; readonly message: string };

async function tryStart(
  parts: ServerParts,
  checkpoint: ServedCheckpoint,
  instance: number,
): Promise<Started> {
  const { launcher, settings, signal } = parts;
  signal.throwIfAborted();
  const isLocal = launcher.kind === "local";
  const port =
    settings.port !== null
      ? settings.port + instance
      : isLocal
        ? await freePort()
        : guessedPort();
  const apiKey = randomBytes(24).toString("hex");
  const servedName = `autodidact-${randomBytes(6).toString("hex")}`;
  const job = await makeServerJob(parts, {
    checkpoint,
    instance,
    port,
    servedName,
    apiKey,
  });
  const attempt: Attempt = { job, number: 1 };
  await recordServer(launcher, job);
  await launcher.submit(attempt);
  const log = new ServerLog(launcher, attempt);
  let transport: Transport | undefined;
  const connect = (host: string): Transport =>
    (transport ??= openTransport({
      baseUrl: new URL(`http://${host}:${port}`),
      headers: { authorization: `Bearer ${apiKey}` },
      redact: (text) => text,
      environment: {},
    }));
  const failed = async (): Promise<void> => {
    await transport?.close();
    await launcher.cancel(attempt);
    await log.follow();
    await forgetServer(job);
  };
  try {
    const ended = await whenReady(parts, { attempt, log, connect, servedName });
    if (ended === null)
      return {
        server: {
          ...{ attempt, transport: connect(""), servedName },
          adapters: new Map(),
        },
      };
    await failed();
    return { log, message: ended };
  } catch (error) {
    await failed();
    throw error;
  }
}

/** Null when it is ready; else how it ended, in the launcher's words. */
async function whenReady(
  parts: ServerParts,
  start: {
    readonly attempt: Attempt;
    readonly log: ServerLog;
    readonly connect: (host: string) => Transport;
    readonly servedName: string;
  },
): Promise<string | null> {
  const { launcher, signal, onProgress, clock = systemClock } = parts;
  const { attempt, log, connect, servedName } = start;
  onProgress("");
  let told = clock.monotonic();
  let heard = clock.monotonic();
  for (;;) {
    signal.throwIfAborted();
    const { state, message, hosts } = await reportOf(launcher, attempt);
    if (await log.follow()) heard = clock.monotonic();
    if (state === "running") {
      const host = launcher.kind === "local" ? "127.0.0.1" : hosts[0];
      if (host !== undefined && (await isReady(connect(host), servedName)))
        return null;
      if (clock.monotonic() - heard > SILENT_MS)
        return `it said nothing for ${SILENT_MS / 60_000} minutes`;
    } else if (state !== "waiting" && state !== "unknown") {
      return message;
    } else {
      heard = clock.monotonic();
    }
    if (clock.monotonic() - told >= TELL_MS) {
      told = clock.monotonic();
      onProgress(
        [state === "running" ? "" : message, log.progress()].find(
          (words) => words !== "",
        ) ?? "",
      );
    }
    await pause(1000 * launcher.pollSeconds, undefined, { signal }).catch(
      () => undefined,
    );
  }
}
