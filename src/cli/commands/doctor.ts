/**
 * @file `autodidact doctor`: is this machine ready, and the endpoint, before time
 * or money is spent?
 */
import { randomUUID } from "node:crypto";
import { statfs } from "node:fs/promises";
import { resolve } from "node:path";
import type { z } from "zod";
import { defined } from "../../foundation/defined.js";
import { AutodidactError, messageOf } from "../../foundation/error.js";
import { diagnoseEndpoint } from "../../endpoints/diagnose.js";
import type { Advice, EndpointDiagnosis } from "../../endpoints/diagnosis.js";
import { endpointKeys } from "../../endpoints/transport/endpoint-settings.js";
import { openLauncher } from "../../launchers/launchers.js";
import { probeLauncher } from "../../launchers/probe.js";
import { launcherKeys, launcherSettings } from "../../launchers/settings.js";
import { trlEnvironment } from "../../trl/trl-environment.js";
import { defineCommand } from "../command.js";
import type { CommandIo } from "../io.js";
import { SET, withRecipeOptions } from "../recipe-options.js";
import { choice, flagOption, integerOption, textOption } from "../options.js";

interface Check {
  /** Stable, for programs. */
  readonly name: string;
  readonly ok: boolean;
  /** What was found, and what to do if it is not right. */
  readonly message: string;
}

/** A nursery run with its models and ledger needs less. */
const FREE_BYTES = 2 * 2 ** 30;
const OLDEST_NODE = [20, 19] as const;

export const doctorCommand = defineCommand({
  name: "doctor",
  summary: "Check this machine, and an endpoint, before a run",
  description:
    "Checks Node, the embedded engine and the disk. With --endpoint it also finds out what is wrong with an OpenAI-compatible endpoint, one clear answer for each case: no such host, connection refused, no such API, wrong key, wrong model (and which ones are there), context too short. Listing models costs nothing; --spend-one-token settles what the list leaves open.",
  options: {
    endpoint: textOption(
      "URL",
      "Base address, for instance http://127.0.0.1:8000/v1",
    ),
    model: textOption(
      "NAME",
      "The model's name at the endpoint; those it has are listed when absent",
    ),
    apiKeyVariable: textOption(
      "NAME",
      "Environment variable that holds the endpoint's key",
    ),
    contextTokens: integerOption(
      "N",
      "Tokens of the longest prompt with its answer",
      { min: 1 },
    ),
    set: {
      ...SET,
      description:
        "How to speak to the endpoint, a key of `endpoint` in a recipe, as in --set maxTokensField=max_completion_tokens",
    },
    launcher: choice(
      ["local", "slurm", "ray"],
      "Also run a small job through this launcher",
    ),
    launcherOption: {
      ...SET,
      description:
        "How to use the launcher, as in --launcher-option partition=gpu",
    },
    sharedFolder: textOption(
      "DIR",
      "Where the nodes and this machine see the same files; this folder when absent",
    ),
    engine: choice(["trl"], "Also ask --python for what this trainer needs"),
    python: textOption(
      "PATH",
      "For --engine: the interpreter to ask; python3 when absent",
    ),
    spendOneToken: flagOption(
      "Ask the endpoint for one token; may cost a little",
    ),
  },
  examples: {
    "autodidact doctor": "Checks this machine",
    "autodidact doctor --engine trl --python trl/bin/python":
      "Says whether this Python can train, and what it lacks",
    "autodidact doctor --launcher slurm --launcher-option partition=gpu":
      "Runs a small job on Slurm and looks for its file",
    "autodidact doctor --endpoint http://127.0.0.1:8000/v1":
      "Lists the models of a server",
    "autodidact doctor --endpoint http://127.0.0.1:8000/v1 --model my-model":
      "Checks a server as well, without spending anything",
  },
  run: async (values, io) => {
    const checks: Check[] = [
      checkNode(process.versions.node),
      await checkEngine(),
      await checkDisk(process.cwd()),
    ];
    let diagnosis: EndpointDiagnosis | undefined;
    if (values.endpoint !== undefined) {
      const { model, apiKeyVariable, contextTokens } = values;
      diagnosis = await diagnoseEndpoint(
        {
          ...withRecipeOptions({}, { set: values.set }, endpointKeys),
          baseUrl: values.endpoint,
          ...defined({ model, apiKeyVariable }),
        },
        {
          spendOneToken: values.spendOneToken,
          ...defined({ plannedTokens: contextTokens }),
        },
      );
      checks.push({
        name: "endpoint",
        // Many servers have no list: that condemns none.
        ok: ["ready", "unlisted"].includes(diagnosis.verdict),
        message: [diagnosis.message, ...adviceIn(diagnosis)].join(" "),
      });
    }
    if (values.launcher !== undefined)
      checks.push(
        await checkLauncher(
          withRecipeOptions(
            { kind: values.launcher },
            { set: values.launcherOption },
            launcherKeys,
          ),
          resolve(values.sharedFolder ?? "."),
          io,
        ),
      );
    if (values.engine !== undefined) {
      const { ready: ok, message } = await trlEnvironment(
        values.python ?? "python3",
        io.signal,
      );
      checks.push({ name: values.engine, ok, message });
    }
    for (const { ok, message } of checks)
      io.print(`${ok ? "✓" : "✗"} ${message}`);
    const failed = checks.filter((check) => !check.ok);
    io.printJson({
      ok: failed.length === 0,
      checks,
      ...defined({ endpoint: diagnosis }),
    });
    if (failed.length > 0) throw notReady(failed, io.json);
  },
});

/** How each piece of advice is followed on the command line. */
const ADVICE: Readonly<Record<Advice, string>> = {
  "name-a-model": "Name one of these with --model.",
  "ask-for-a-token": "--spend-one-token asks for it.",
  "plain-prompts": "Give `instruct` --style completion.",
};

function adviceIn({ advice }: EndpointDiagnosis): readonly string[] {
  return advice === undefined ? [] : [ADVICE[advice]];
}

/** @param version for instance "20.19.0" */
export function checkNode(version: string): Check {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [oldestMajor, oldestMinor] = OLDEST_NODE;
  const ok =
    major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
  return {
    name: "node",
    ok,
    message: ok
      ? `Node ${version}.`
      : `Node ${version} is too old: install ${OLDEST_NODE.join(".")} or newer.`,
  };
}

async function checkEngine(): Promise<Check> {
  try {
    const { availableDevices } = await import("../../engine/runtime/device.js");
    const others = availableDevices().filter((name) => name !== "cpu");
    const tried =
      others.length === 0
        ? ""
        : ` ${others.join(" and ")}: built in, tried only when --device asks.`;
    return {
      name: "engine",
      ok: true,
      message: `The embedded engine computes on cpu.${tried}`,
    };
  } catch (cause) {
    return {
      name: "engine",
      ok: false,
      message: `ONNX Runtime does not load (${messageOf(cause)}). Install the package again, with the platform's own build of onnxruntime-node.`,
    };
  }
}

async function checkDisk(folder: string): Promise<Check> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  const shown = `${(free / 2 ** 30).toFixed(1)} GiB free in ${resolve(folder)}`;
  return {
    name: "disk",
    ok: free >= FREE_BYTES,
    message:
      free >= FREE_BYTES
        ? `${shown}.`
        : `Only ${shown}: a run may need ${FREE_BYTES / 2 ** 30}. Free some space or use --run-dir elsewhere.`,
  };
}

/** A job from here to a node and its file back, through the folder that both share. */
async function checkLauncher(
  written: z.infer<typeof launcherKeys>,
  folder: string,
  io: Pick<CommandIo, "signal" | "remark">,
): Promise<Check> {
  const settings = launcherSettings(written);
  const name = "launcher";
  try {
    const { host, gpus } = await probeLauncher(
      openLauncher(settings),
      folder,
      randomUUID(),
      {
        signal: io.signal,
        onState: ({ state, message }) => {
          io.remark(
            `${settings.kind}: ${state}${message === "" ? "" : ` (${message})`}`,
          );
        },
      },
    );
    const found =
      gpus.length === 0 ? "no GPU that nvidia-smi shows" : gpus.join(", ");
    return {
      name,
      ok: true,
      message: `A job through ${settings.kind} ran on ${host} and its file was seen in ${folder}; there: ${found}.`,
    };
  } catch (cause) {
    if (io.signal.aborted) throw cause;
    return { name, ok: false, message: messageOf(cause) };
  }
}

/** @param alone the checks are not printed above it */
function notReady(failed: readonly Check[], alone: boolean): AutodidactError {
  const names = failed.map((check) => check.name);
  const found = alone
    ? failed.map(({ message }) => message).join(" ")
    : "The lines that begin with ✗ say what was found and what to do.";
  return new AutodidactError(
    names.includes("endpoint") ? "ENDPOINT" : "DEVICE",
    `Not ready: ${names.join(", ")}. ${found}`,
    { failed: names },
  );
}
