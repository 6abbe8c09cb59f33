/**
 * @file The dashboard on its address, with a token made anew at each start.
 */
import { randomBytes } from "node:crypto";
import { defined } from "../foundation/defined.js";
import { isLoopbackAddress } from "../http/loopback.js";
import {
  listenOn,
  type Address,
  type ListeningServer,
} from "../http/listening-server.js";
import { createDashboardApp } from "./app.js";
import { PAGE_FOLDER } from "./page-files.js";
import { openRunFolders } from "./runs/run-folders.js";
import { openRunLibrary } from "./runs/run-library.js";

export interface Dashboard extends ListeningServer {
  readonly token: string;
  /** To open in a browser: the origin with the token. */
  readonly url: string;
}

export interface DashboardOptions extends Address {
  /** Folders of runs, of comparisons, or of either; they need not exist yet. */
  readonly folders: readonly string[];
  /** Of the built page; the package's own when absent. */
  readonly page?: string;
  /** As rows have it. */
  readonly cache?: string | null;
}

/** @throws USAGE where the address cannot be had */
export async function openDashboard({
  folders,
  page = PAGE_FOLDER,
  cache,
  ...address
}: DashboardOptions): Promise<Dashboard> {
  const token = randomBytes(32).toString("base64url");
  const library = openRunLibrary(openRunFolders(folders));
  const loopbackOnly = isLoopbackAddress(address.host);
  const server = await listenOn(
    (signal) =>
      createDashboardApp({
        ...{ library, page, token, loopbackOnly, signal },
        ...defined({ cache }),
      }),
    address,
  );
  return { ...server, token, url: `${server.origin}/?token=${token}` };
}
