import { mkdtemp, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { attemptFolder } from "./attempt-folder.js";
import type { Attempt } from "./job.js";
import { rayLauncher } from "./ray.js";

const TOKEN = "0123456789abcdef0123456789abcdef";
const ID = "ab".repeat(32);

/** What Ray 2.60 says: each route's answers in turn, the last one for ever. */
type Answers = Readonly<
  Record<string, readonly (readonly [number, unknown])[]>
>;

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
  vi.unstubAllEnvs();
});

async function cluster(answers: Answers, nodes = 1) {
  const asked: { readonly route: string; readonly body: unknown }[] = [];
  const counts = new Map<string, number>();
  const server = createServer((request, response) => {
    let text = "";
    request.on("data", (part: Buffer) => (text += part.toString()));
    request.on("end", () => {
      const route = `${request.method ?? ""} ${request.url ?? ""}`;
      asked.push({ route, body: text === "" ? null : JSON.parse(text) });
      if (request.headers.authorization !== `Bearer ${TOKEN}`) {
        response
          .writeHead(401)
          .end(
            `Unauthorized: Invalid or missing authentication token ${request.headers.authorization ?? ""}`,
          );
        return;
      }
      // As Ray does with what looks like a browser.
      if ("sec-fetch-mode" in request.headers) {
        response.writeHead(405).end();
        return;
      }
      const list = answers[route] ?? [[404, "Job does not exist"]];
      const count = counts.get(route) ?? 0;
      counts.set(route, count + 1);
      const [status, body] = list[Math.min(count, list.length - 1)] ?? [
        500,
        "",
      ];
      response
        .writeHead(status)
        .end(typeof body === "string" ? body : JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  closing.push(close);
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  vi.stubEnv("RAY_AUTH_TOKEN", TOKEN);
  const folder = await mkdtemp(join(tmpdir(), "autodidact-job-"));
  const attempt: Attempt = {
    job: {
      id: ID,
      name: "sft",
      argv: ["true"],
      env: {},
      cwd: folder,
      nodes,
      gpusPerNode: 8,
      folder,
      done: join(folder, "done"),
      graceSeconds: 20,
    },
    number: 1,
  };
  const launcher = rayLauncher({ kind: "ray", address });
  return { asked, attempt, launcher, close, mark: marker(attempt) };
}

/** Writes what the script on a node writes. */
function marker(attempt: Attempt) {
  return (name: string, text: string) =>
    writeFile(join(attemptFolder(attempt), name), text);
}

const SUBMIT = "POST /api/jobs/";
const job = (rank: number) => `GET /api/jobs/sft-abababababab-1-${rank}`;
const ACCEPTED = [200, { job_id: "x", submission_id: "x" }] as const;
const EXISTS = [
  500,
  "Traceback (most recent call last): ... ValueError: Job with submission_id sft-abababababab-1-0 already exists.",
] as const;
const status = (name: string, message = "") =>
  [
    200,
    { type: "SUBMISSION", status: name, message, driver_exit_code: null },
  ] as const;

describe("a job of Ray", () => {
  it("is one submission for each node, with its resources", async () => {
    const { asked, attempt, launcher } = await cluster(
      { [SUBMIT]: [ACCEPTED] },
      2,
    );
    await launcher.submit(attempt);
    expect(asked.map(({ route }) => route)).toEqual([SUBMIT, SUBMIT]);
    expect(asked[1]?.body).toEqual({
      submission_id: "sft-abababababab-1-1",
      entrypoint: `exec sh '${attemptFolder(attempt)}/run.sh' 1`,
      entrypoint_num_cpus: 1,
      entrypoint_num_gpus: 8,
      metadata: { job: ID, attempt: "1" },
      runtime_env: { env_vars: { RAY_JOB_STOP_WAIT_TIME_S: "20" } },
    });
  });

  it("that was submitted by a program that died is found", async () => {
    const { asked, attempt, launcher } = await cluster({ [SUBMIT]: [EXISTS] });
    await launcher.submit(attempt);
    await launcher.submit(attempt);
    expect(asked).toHaveLength(1);
  });

  it("waits, runs and ends as the nodes' marks say", async () => {
    const { attempt, launcher, mark } = await cluster({
      [SUBMIT]: [
        [500, "No available agent to submit job, please try again later."],
        ACCEPTED,
      ],
      [job(0)]: [
        status("PENDING", "Waiting for resources: 8 GPUs"),
        status("RUNNING"),
        status("SUCCEEDED"),
      ],
    });
    await launcher.submit(attempt);
    expect(await launcher.poll(attempt)).toEqual({
      state: "waiting",
      message: "Waiting for resources: 8 GPUs",
      hosts: [],
    });
    await mark("script-0", "gpu7:boot:1:2:\n");
    await mark("running-0", "gpu7:boot:1:2:\n");
    expect(await launcher.poll(attempt)).toMatchObject({
      state: "running",
      hosts: ["gpu7"],
    });
    await mark("exit-0", "0\n");
    expect((await launcher.poll(attempt)).state).toBe("succeeded");
  });

  it("that failed is told by its exit code; without one it is lost", async () => {
    const { attempt, launcher, mark } = await cluster({
      [SUBMIT]: [ACCEPTED],
      [job(0)]: [status("FAILED", "Job supervisor actor died: node failed")],
    });
    await launcher.submit(attempt);
    const report = await launcher.poll(attempt);
    expect(report.state).toBe("lost");
    expect(report.message).toMatch(/node failed; and no node has written into/);
    await mark("exit-0", "3\n");
    expect(await launcher.poll(attempt)).toMatchObject({
      state: "failed",
      exitCode: 3,
    });
  });

  it("is stopped once on all nodes, and waited for", async () => {
    const { asked, attempt, launcher } = await cluster(
      {
        [SUBMIT]: [ACCEPTED],
        [job(0)]: [status("RUNNING"), status("RUNNING"), status("STOPPED")],
        [job(1)]: [status("SUCCEEDED")],
        "POST /api/jobs/sft-abababababab-1-0/stop": [[200, { stopped: true }]],
      },
      2,
    );
    await launcher.submit(attempt);
    await launcher.cancel(attempt);
    expect(
      asked
        .filter(({ route }) => route.endsWith("/stop"))
        .map(({ route }) => route),
    ).toEqual(["POST /api/jobs/sft-abababababab-1-0/stop"]);
    expect((await launcher.poll(attempt)).state).toBe("cancelled");
  });

  it("that waits is withdrawn, although Ray goes on to call it pending", async () => {
    const { asked, attempt, launcher } = await cluster({
      [SUBMIT]: [ACCEPTED],
      [job(0)]: [status("PENDING")],
      "POST /api/jobs/sft-abababababab-1-0/stop": [[200, { stopped: true }]],
    });
    await launcher.submit(attempt);
    await launcher.cancel(attempt);
    expect(asked.at(-1)?.route).toMatch(/stop$/);
    expect((await launcher.poll(attempt)).state).toBe("cancelled");
  });

  it("is refused with Ray's reason", async () => {
    const { attempt, launcher } = await cluster({
      [SUBMIT]: [[400, "entrypoint_num_gpus \u001b[31mmust be small"]],
    });
    await expect(launcher.submit(attempt)).rejects.toThrow(
      "Ray refused the job sft (400: entrypoint_num_gpus \\u001b[31mmust be small)",
    );
  });
});

describe("a cluster", () => {
  it("that refuses the token is said to, without the token", async () => {
    const { attempt, launcher } = await cluster({});
    vi.stubEnv("RAY_AUTH_TOKEN", "wrong-secret");
    const refused = launcher.submit(attempt);
    await expect(refused).rejects.toThrow(
      /refuses the token \(401: Unauthorized: .* Bearer \[token\]\)\. Check the variable RAY_AUTH_TOKEN/,
    );
    await expect(refused).rejects.toMatchObject({ code: "JOB" });
  });

  it("that does not answer may answer later", async () => {
    const { attempt, launcher, close } = await cluster({
      [SUBMIT]: [ACCEPTED],
    });
    await launcher.submit(attempt);
    close();
    await expect(launcher.poll(attempt)).rejects.toMatchObject({
      code: "JOB",
      details: { again: true },
    });
  });

  it("that answers with something else is not believed", async () => {
    const { attempt, launcher } = await cluster({
      [SUBMIT]: [ACCEPTED],
      [job(0)]: [[200, "<html>a proxy</html>"]],
    });
    await launcher.submit(attempt);
    await expect(launcher.poll(attempt)).rejects.toMatchObject({
      details: { again: true, status: 200 },
    });
  });
});
