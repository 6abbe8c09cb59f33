/**
 * @file Whether a server is ready, and is ours.
 */
import { z } from "zod";
import type { Transport } from "../endpoints/transport/transport.js";

const ASK_MS = 5000;

const listed = z.object({ data: z.array(z.object({ id: z.string() })) });

/** That it says it is well, and that the name, which nobody else has, is in its list. */
export async function isReady(
  transport: Transport,
  servedName: string,
): Promise<boolean> {
  const ask = (path: string) =>
    transport.send({
      method: "GET",
      path,
      signal: AbortSignal.timeout(ASK_MS),
    });
  try {
    if ((await ask("/health")).status !== 200) return false;
    const { status, text } = await ask("/v1/models");
    if (status !== 200) return false;
    const { data } = listed.parse(JSON.parse(text));
    return data.some(({ id }) => id === servedName);
  } catch {
    return false;
  }
}
