/**
 * @file What other sites, other machines, guessers and hostile texts get of the dashboard.
 */
import { renameSync, rmSync } from "node:fs";
import { request } from "node:http";
import { basename, join } from "node:path";
import { describe, expect, test } from "vitest";
import type { ApiFailure, RunDetail } from "../../src/dashboard/api/api.js";
import { temporaryFolder } from "../ledger/support.js";
import { dashboardOn, listenTo, ofType } from "./open-dashboard.js";
import { openRun, stageOf, writePrompts, writeRun } from "./written-run.js";

async function dashboardOnRun() {
  const folder = join(temporaryFolder(), "a");
  writeRun(folder);
  return { ...(await dashboardOn(folder)), folder };
}

/** A request whose path and headers reach the server exactly as they stand here. */
function rawRequest(
  port: number,
  path: string,
  headers: Readonly<Record<string, string>>,
): Promise<{ readonly status: number; readonly body: string }> {
  return new Promise((resolve, reject) => {
    request({ host: "127.0.0.1", port, path, headers }, (answer) => {
      let body = "";
      answer.setEncoding("utf8").on("data", (text: string) => (body += text));
      answer.on("end", () => {
        resolve({ status: answer.statusCode ?? 0, body });
      });
    })
      .on("error", reject)
      .end();
  });
}

describe("the token", () => {
  test.each<[string, Readonly<Record<string, string>>]>([
    ["none", {}],
    ["a wrong one", { authorization: "Bearer wrong" }],
    ["an empty one", { authorization: "Bearer " }],
    ["a wrong cookie", { cookie: "autodidact-000000000000=wrong" }],
  ])(
    "is asked for: %s is refused, and says nothing of runs",
    async (_, headers) => {
      const { ask } = await dashboardOnRun();
      for (const path of ["/api/runs", "/api/runs/a", "/api/none", "/"]) {
        const answer = await ask(path, { headers });
        expect(answer.status).toBe(403);
        expect(await answer.text()).toMatch(/needs the token/);
      }
    },
  );

  test("in the address is exchanged for a cookie that scripts and other sites do not have", async () => {
    const { ask, token } = await dashboardOnRun();
    const answer = await ask(`/?view=rows&token=${token}`, { headers: {} });
    expect(answer.status).toBe(303);
    expect(answer.headers.get("location")).toBe("/?view=rows");
    expect(answer.headers.get("cache-control")).toBe("no-store");
    const cookie = answer.headers.get("set-cookie") ?? "";
    expect(cookie).toMatch(
      /^autodidact-\w{12}=\S+; Path=\/; HttpOnly; SameSite=Strict$/,
    );
    const headers = { cookie: cookie.split(";")[0] ?? "" };
    expect((await ask("/", { headers })).status).toBe(200);
    expect((await ask("/api/runs", { headers })).status).toBe(200);
    expect((await ask("/?token=wrong", { headers: {} })).status).toBe(403);
  });

  test("never leads to another server, whatever stands before it", async () => {
    const { port, token } = await dashboardOnRun();
    const answer = await new Promise<string | undefined>((resolve) => {
      request(
        { host: "127.0.0.1", port, path: `//evil.example/?token=${token}` },
        (got) => {
          resolve(got.headers.location);
          got.resume();
        },
      ).end();
    });
    expect(answer).toMatch(/^\/(?!\/)/);
  });
});

test("another origin is refused, even with the token", async () => {
  const { ask, token, origin } = await dashboardOnRun();
  const from = async (headers: Readonly<Record<string, string>>) =>
    (
      await ask("/api/runs", {
        headers: { authorization: `Bearer ${token}`, ...headers },
      })
    ).status;
  expect(await from({ origin: "http://evil.example" })).toBe(403);
  expect(await from({ origin: "null" })).toBe(403);
  expect(await from({ origin: origin.replace("http:", "https:") })).toBe(403);
  expect(await from({ "sec-fetch-site": "cross-site" })).toBe(403);
  expect(await from({ "sec-fetch-site": "same-site" })).toBe(403);
  expect(await from({ origin, "sec-fetch-site": "same-origin" })).toBe(200);
});

test("another host name is refused, even with the token", async () => {
  const { port, token } = await dashboardOnRun();
  const as = async (host: string) =>
    (
      await rawRequest(port, "/api/runs", {
        host,
        authorization: `Bearer ${token}`,
      })
    ).status;
  expect(await as(`evil.example:${port}`)).toBe(403);
  expect(await as("127.0.0.1.evil.example")).toBe(403);
  expect(await as(`localhost:${port}`)).toBe(200);
});

test("no path leads out of the runs or of the page", async () => {
  const { port, token } = await dashboardOnRun();
  const headers = { authorization: `Bearer ${token}` };
  const paths = [
    "/../package.json",
    "/..%2fpackage.json",
    "/%2e%2e/%2e%2e/package.json",
    "/assets/../../package.json",
    "/assets/%2e%2e%2findex.html",
    "/assets/..\\index.html",
    "/assets//etc/passwd",
    "/.env",
    "/assets/page-1a2b.js%00.html",
    "/api/runs/..",
    "/api/runs/%2e%2e",
    "/api/runs/..%2fa",
    "/api/runs/%2ftmp",
    "/api/runs/a%00",
    "/api/runs/%ff",
  ];
  for (const path of paths) {
    const { status, body } = await rawRequest(port, path, headers);
    expect([400, 404], path).toContain(status);
    expect(body).not.toMatch(/"name": "autodidact"|root:/);
  }
});

test("what only reads is no POST, and an unknown address is a failure as the API says it", async () => {
  const { ask, token } = await dashboardOnRun();
  for (const method of ["POST", "PUT", "DELETE"]) {
    const answer = await ask("/api/runs", {
      method,
      headers: { authorization: `Bearer ${token}` },
    });
    expect(answer.status).toBe(404);
    expect(((await answer.json()) as ApiFailure).code).toBe("NOT_FOUND");
  }
});

test("script in every text comes back as JSON, and as nothing else", async () => {
  const script = `<script>alert(1)</script>"'><img src=x onerror=alert(1)>\u202e`;
  const folder = join(temporaryFolder(), "<b>a");
  const ledger = openRun(folder, { name: script, [script]: script });
  writePrompts(stageOf(ledger, script), 0, 1, () => script);
  ledger.close();
  const dashboard = await dashboardOn(folder);
  const address = `/api/runs/${encodeURIComponent("<b>a")}`;
  const answer = await dashboard.ask(address);
  expect(answer.headers.get("content-type")).toBe("application/json");
  expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
  const shown = script.replace("\u202e", "\\u202e");
  expect(((await answer.json()) as RunDetail).name).toBe(shown);
  const listening = await listenTo(dashboard, "<b>a");
  const { rows } = await listening.next(ofType("rows"));
  expect(rows[0]?.text).toBe(shown);
});

test("the page and every answer forbid what they do not need", async () => {
  const { ask } = await dashboardOnRun();
  for (const path of ["/", "/assets/page-1a2b.js", "/api/runs", "/api/none"]) {
    const { headers } = await ask(path);
    expect(headers.get("content-security-policy")).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    );
    expect(headers.get("referrer-policy")).toBe("no-referrer");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("x-frame-options")).toBe("DENY");
    expect(headers.get("access-control-allow-origin")).toBeNull();
    expect(headers.get("cache-control")).toBe(
      path.startsWith("/assets")
        ? "public, max-age=31536000, immutable"
        : "no-store",
    );
  }
});

test("a ledger that is replaced or vanishes while it is asked is never a crash", async () => {
  const { ask, folder } = await dashboardOnRun();
  const path = join(folder, "ledger.db");
  await ask("/api/runs");
  const statuses: number[] = [];
  for (let round = 0; round < 20; round++) {
    const asked = ask("/api/runs/a");
    if (round % 2 === 0) renameSync(path, `${path}.away`);
    else renameSync(`${path}.away`, path);
    statuses.push((await asked).status);
  }
  expect(new Set(statuses)).toEqual(new Set([200]));
  rmSync(folder, { recursive: true });
  expect(await (await ask("/api/runs/a")).json()).toMatchObject({
    id: basename(folder),
    trouble: expect.stringMatching(/no ledger/) as string,
  });
  expect(await (await ask("/api/runs")).json()).toEqual([]);
});
