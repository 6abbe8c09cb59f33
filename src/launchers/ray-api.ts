/**
 * @file The Jobs API of a Ray cluster over HTTP.
 *
 * A token is taken from its variable and appears in no message.
 */
import { request as plainRequest } from "node:http";
import { request as secureRequest } from "node:https";
import { AutodidactError, messageLine } from "../foundation/error.js";
import { oneLine } from "../text/harmless.js";
import type { LauncherSettings } from "./settings.js";

export type RaySettings = Extract<LauncherSettings, { kind: "ray" }>;

const TIMEOUT_MS = 30_000;
/** Most of an answer that is read. */
const MOST_CHARACTERS = 8 * 2 ** 20;

export interface RayAnswer {
  readonly status: number;
  readonly text: string;
}

export type AskRay = (
  method: "GET" | "POST",
  path: string,
  body?: unknown,
) => Promise<RayAnswer>;

/**
 * @returns what asks the cluster; it throws JOB when nobody answers (to be asked again
 *   later), or the token is refused
 */
export function rayApi({
  address = "http://127.0.0.1:8265",
  tokenVariable = "RAY_AUTH_TOKEN",
}: RaySettings): AskRay {
  return async (method, path, body) => {
    const token = process.env[tokenVariable] ?? "";
    const hide = (text: string): string =>
      oneLine(token === "" ? text : text.replaceAll(token, "[token]"));
    try {
      const response = await send(new URL(`/api/${path}`, address), method, {
        token,
        body,
      });
      const { text } = response;
      if (response.status === 401 || response.status === 403)
        throw new AutodidactError(
          "JOB",
          `Ray at ${address} refuses the token (${response.status}: ${hide(text)}). ${token === "" ? `Put it into the variable ${tokenVariable}` : `Check the variable ${tokenVariable}`}, then run the same command again.`,
          { address, status: response.status },
        );
      return response;
    } catch (cause) {
      if (cause instanceof AutodidactError) throw cause;
      throw new AutodidactError(
        "JOB",
        `Ray does not answer at ${address} (${hide(messageLine(cause))}). Is the address that of the dashboard, and can it be reached from here?`,
        { address, again: true },
        { cause },
      );
    }
  };
}

/** Not by `fetch`, whose headers are a browser's: Ray refuses those with 405. */
async function send(
  url: URL,
  method: string,
  { token, body }: { readonly token: string; readonly body: unknown },
): Promise<RayAnswer> {
  const request = url.protocol === "https:" ? secureRequest : plainRequest;
  return new Promise((resolve, reject) => {
    const sent = request(url, {
      method,
      signal: AbortSignal.timeout(TIMEOUT_MS),
      headers: {
        ...(token === "" ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
    });
    sent.on("error", reject).on("response", (response) => {
      let text = "";
      response.setEncoding("utf8").on("error", reject);
      response.on("data", (part: string) => {
        text += part;
        if (text.length > MOST_CHARACTERS)
          sent.destroy(new AutodidactError("JOB", "The answer has no end."));
      });
      response.on("end", () => {
        resolve({ status: response.statusCode ?? 0, text });
      });
    });
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
