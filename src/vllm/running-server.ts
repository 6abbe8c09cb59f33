/**
 * @file One vLLM server that is ready: asked, looked after, and ended.
 */
import type { Attempt } from "../launchers/job.js";
import type { JobReport, Launcher } from "../launchers/launcher.js";
import type { Transport } from "../endpoints/transport/transport.js";
import { AutodidactError } from "../foundation/error.js";
import { oneLine } from "../text/harmless.js";
import {
  readAnswer,
  type CompletionAnswer,
  type CompletionBody,
} from "./completion-request.js";

export interface RunningServer {
  readonly attempt: Attempt;
  readonly transport: Transport;
  /** Its unique name, which requests for its own weights bear. */
  readonly servedName: string;
  /** Adapters that it was told to load, by name, and why that failed, if it did. */
  readonly adapters: Map<string, Promise<Said | undefined>>;
}

/** One adapter for vLLM, under a name that no other weights have. */
export interface ServedAdapter {
  readonly name: string;
  readonly folder: string;
}

/** What HTTP answered, or in words why nothing did. */
type Said = { readonly status: number; readonly text: string } | string;

export type Asked =
  | { readonly answer: CompletionAnswer }
  /** The server is gone or will be; another one has to be asked. */
  | { readonly lost: string }
  /** It lives, but did not answer this time. */
  | { readonly again: string };

/** Longest wait for a sign of life. */
const HEALTH_MS = 10_000;
/** Longest wait for an adapter to be read. */
const ADAPTER_MS = 10 * 60_000;

/**
 * @param adapter whose weights are asked; null for the server's own
 * @throws ENDPOINT for a request that the server refuses: it would refuse it again;
 *   the signal's reason
 */
export async function askServer(
  {
    server,
    launcher,
  }: { readonly server: RunningServer; readonly launcher: Launcher },
  {
    body,
    adapter,
  }: { readonly body: CompletionBody; readonly adapter: ServedAdapter | null },
  signal: AbortSignal,
): Promise<Asked> {
  const model = adapter?.name ?? server.servedName;
  const said =
    (adapter && (await loaded(server, adapter))) ??
    (await send(server, "completions", { model, ...body }, signal));
  if (typeof said !== "string") {
    const { status, text } = said;
    if (status >= 400 && status < 500 && status !== 408 && status !== 429)
      throw refused(status, text);
    const answer = status === 200 ? readAnswer(text) : undefined;
    if (answer !== undefined) return { answer };
  }
  const evidence =
    typeof said === "string"
      ? said
      : `HTTP ${said.status}: ${oneLine(said.text, 200)}`;
  return (await isAlive({ server, launcher }))
    ? { again: evidence }
    : { lost: evidence };
}

/** Loads an adapter once; undefined when it is there. */
async function loaded(
  server: RunningServer,
  { name, folder }: ServedAdapter,
): Promise<Said | undefined> {
  const before = server.adapters.get(name);
  if (before !== undefined) return before;
  const load = changeAdapter(server, "load", {
    ...{ lora_name: name, lora_path: folder },
  });
  server.adapters.set(name, load);
  const said = await load;
  if (said !== undefined) server.adapters.delete(name);
  return said;
}

/** Lets go of all adapters but one; a server that does not answer has none. */
export async function dropAdapters(
  server: RunningServer,
  kept: ServedAdapter | null,
): Promise<void> {
  for (const name of server.adapters.keys())
    if (name !== kept?.name) {
      server.adapters.delete(name);
      await changeAdapter(server, "unload", { lora_name: name });
    }
}

/** Undefined when it is done. */
async function changeAdapter(
  server: RunningServer,
  change: "load" | "unload",
  body: object,
): Promise<Said | undefined> {
  const said = await send(
    ...([server, `${change}_lora_adapter`, body] as const),
    AbortSignal.timeout(ADAPTER_MS),
  ).catch((cause: unknown) => oneLine(String(cause), 200));
  return typeof said !== "string" && said.status === 200 ? undefined : said;
}

async function send(
  { transport }: RunningServer,
  path: string,
  body: object,
  signal: AbortSignal,
): Promise<Said> {
  try {
    return await transport.send({
      method: "POST",
      path: `/v1/${path}`,
      body: JSON.stringify(body),
      signal,
    });
  } catch (cause) {
    signal.throwIfAborted();
    return oneLine(String(cause), 200);
  }
}

/** Whether its processes run and its engine says that it is well. */
async function isAlive({
  server,
  launcher,
}: {
  readonly server: RunningServer;
  readonly launcher: Launcher;
}): Promise<boolean> {
  const { transport, attempt } = server;
  const { state } = await reportOf(launcher, attempt);
  if (state !== "running" && state !== "unknown") return false;
  return transport
    .send({
      method: "GET",
      path: "/health",
      signal: AbortSignal.timeout(HEALTH_MS),
    })
    .then(
      ({ status }) => status === 200,
      () => false,
    );
}

/** What became of an attempt; unknown where the scheduler cannot be asked just now. */
export async function reportOf(
  launcher: Launcher,
  attempt: Attempt,
): Promise<JobReport> {
  try {
    return await launcher.poll(attempt);
  } catch (error) {
    if (error instanceof AutodidactError && error.code === "JOB")
      return { state: "unknown", message: oneLine(error.message), hosts: [] };
    throw error;
  }
}

function refused(status: number, text: string): AutodidactError {
  return new AutodidactError(
    "ENDPOINT",
    `vLLM refused a request (HTTP ${status}): ${oneLine(text)} It would refuse it again: mend the recipe, or engine.generate.args if those forbid it.`,
    { status, refusal: "final" },
  );
}

/** Ends the server and all its processes, and lets go of its connections. */
export async function stopServer(
  { transport, attempt }: RunningServer,
  launcher: Launcher,
): Promise<void> {
  await transport.close();
  await launcher.cancel(attempt);
}
