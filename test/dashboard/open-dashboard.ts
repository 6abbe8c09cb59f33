/**
 * @file The dashboard's server as its tests use it: over HTTP, on folders that they made,
 * closed when the test ends.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { LiveMessage } from "../../src/dashboard/api/api.js";
import { openDashboard, type Dashboard } from "../../src/dashboard/listen.js";
import { temporaryFolder } from "../ledger/support.js";

export interface OpenedDashboard extends Dashboard {
  /** With the token, unless other headers are given. */
  ask(path: string, init?: RequestInit): Promise<Response>;
  /** The answer to a request that succeeds. */
  json<T>(path: string): Promise<T>;
}

export async function dashboardOn(
  ...folders: readonly string[]
): Promise<OpenedDashboard> {
  const dashboard = await openDashboard({
    folders,
    page: builtPage(),
    cache: temporaryFolder(),
    host: "127.0.0.1",
    port: 0,
  });
  onTestFinished(() => dashboard.close(0));
  const { origin, token } = dashboard;
  const ask = (path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(`${origin}${path}`, {
      redirect: "manual",
      headers: { authorization: `Bearer ${token}` },
      ...init,
    });
  return {
    ...dashboard,
    ask,
    json: async <T>(path: string) => {
      const answer = await ask(path);
      if (!answer.ok) throw new Error(await answer.text());
      return (await answer.json()) as T;
    },
  };
}

/** A page of one file and one asset. */
function builtPage(): string {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "assets"));
  writeFileSync(join(folder, "index.html"), "<title>runs</title>");
  writeFileSync(join(folder, "assets", "page-1a2b.js"), "void 0;");
  return folder;
}

export interface Listening {
  readonly messages: readonly LiveMessage[];
  /** The last id, which a browser would give back. */
  cursor(): string;
  /** The first message from now on, or so far unseen, that `wanted` accepts. */
  next<M extends LiveMessage>(
    wanted: (message: LiveMessage) => message is M,
  ): Promise<M>;
  next(wanted: (message: LiveMessage) => boolean): Promise<LiveMessage>;
  /** Hangs up. */
  end(): Promise<void>;
}

/** Listens as a browser does. */
export async function listenTo(
  dashboard: OpenedDashboard,
  run: string,
  cursor = "0",
): Promise<Listening> {
  const answer = await dashboard.ask(
    `/api/runs/${encodeURIComponent(run)}/live?cursor=${cursor}`,
  );
  const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
  onTestFinished(() => reader.cancel());
  const decoder = new TextDecoder();
  const messages: LiveMessage[] = [];
  let text = "";
  let id = "";
  let looked = 0;
  const take = (event: string): void => {
    for (const line of event.split("\n")) {
      if (line.startsWith("data: "))
        messages.push(JSON.parse(line.slice(6)) as LiveMessage);
      if (line.startsWith("id: ")) id = line.slice(4);
    }
  };
  return {
    messages,
    cursor: () => id,
    next: async (wanted: (message: LiveMessage) => boolean) => {
      for (;;) {
        for (; looked < messages.length; looked++) {
          const message = messages[looked] as LiveMessage;
          if (!wanted(message)) continue;
          looked++;
          return message as never;
        }
        const { value, done } = await reader.read();
        if (done) throw new Error("The dashboard hung up.");
        text += decoder.decode(value, { stream: true });
        const events = text.split("\n\n");
        text = events.pop() ?? "";
        events.forEach(take);
      }
    },
    end: () => reader.cancel(),
  };
}

/** Messages of one type. */
export function ofType<T extends LiveMessage["type"]>(type: T) {
  return (
    message: LiveMessage,
  ): message is Extract<LiveMessage, { readonly type: T }> =>
    message.type === type;
}
