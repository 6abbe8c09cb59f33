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
  /** Its unique name, which every request bears. */
  readonly servedName: string;
}

export type Asked =
  | { readonly answer: CompletionAnswer }
  /** The server is gone or will be; another one has to be asked. */
  | { readonly lost: string }
  /** It lives, but did not answer this time. */
  | { readonly again: string };

/** Longest wait for a sign of life. */
const HEALTH_MS = 10_000;

/**
 * @throws ENDPOINT for a request that the server refuses: it would refuse it again;
 *   the signal's reason
 */
export async function askServer(
  {
    server,
    launcher,
  }: { readonly server: RunningServer; readonly launcher: Launcher },
  body: CompletionBody,
  signal: AbortSignal,
): Promise<Asked> {
  const said = await send(server, body, signal);
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

async function send(
  { transport, servedName }: RunningServer,
  body: CompletionBody,
  signal: AbortSignal,
) {
  try {
    return await transport.send({
      method: "POST",
      path: "/v1/completions",
      body: JSON.stringify({ model: servedName, ...body }),
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
