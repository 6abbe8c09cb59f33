/**
 * @file The server on its address.
 */
import {
  listenOn,
  type Address,
  type ListeningServer,
} from "../http/listening-server.js";
import { createApp, type AppParts } from "./app.js";

export interface ModelServer extends Pick<ListeningServer, "port" | "close"> {
  /** Of the API, `http://127.0.0.1:8000/v1` for instance. */
  readonly url: string;
}

/** @throws USAGE where the address cannot be had */
export async function listen(
  parts: Omit<AppParts, "signal">,
  address: Address,
): Promise<ModelServer> {
  const { origin, port, close } = await listenOn(
    (signal) => createApp({ ...parts, signal }),
    address,
  );
  return { url: `${origin}/v1`, port, close };
}
