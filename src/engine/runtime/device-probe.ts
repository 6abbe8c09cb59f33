/**
 * @file Whether a device computes, tried in a process of its own.
 *
 * Drivers and the libraries around them write to standard error when they cannot be
 * opened, past every log level, and a broken one can end the process. Apart, neither
 * reaches the program.
 */
import { execFile } from "node:child_process";
import { GraphBuilder } from "../graph/graph.js";
import { encodeModel } from "../onnx/encode.js";
import type { DeviceName } from "./device.js";
import "./no-telemetry.js";

/** Opens a session on the device and computes one sum; says on standard output what went wrong. */
const PROBE = `
  const [runtime, model, device] = process.argv.slice(1);
  try {
    const { InferenceSession, Tensor } = (await import(runtime)).default;
    const session = await InferenceSession.create(Buffer.from(model, "base64"), {
      executionProviders: [device],
    });
    const { sum } = await session.run({ x: new Tensor("float32", [1], [1]) });
    process.stdout.write(sum.data[0] === 2 ? "works" : "it computes wrong numbers");
  } catch (cause) {
    process.stdout.write(cause instanceof Error ? cause.message : String(cause));
  }
`;

/** Long enough for a driver that compiles its kernels first. */
const PATIENCE_MS = 120_000;

/** Null when the device computes, else the reason in a few words. */
export async function probeDevice(name: DeviceName): Promise<string | null> {
  const graph = new GraphBuilder();
  const x = graph.input("x", [1]);
  graph.output("sum", graph.add(x, x));
  const model = Buffer.from(encodeModel(graph)).toString("base64");
  const runtime = import.meta.resolve("onnxruntime-node");
  const args = ["--input-type=module", "-e", PROBE, runtime, model, name];
  const { said, noise } = await new Promise<{ said: string; noise: string }>(
    (resolve) => {
      execFile(
        process.execPath,
        args,
        { timeout: PATIENCE_MS },
        (failure, stdout, stderr) => {
          const ended = failure ? "its driver ended the process" : "";
          resolve({ said: stdout || ended, noise: stderr });
        },
      );
    },
  );
  if (said === "works") return null;
  const missing = /([\w.+-]{1,255}): cannot open shared object file/.exec(
    noise,
  );
  return missing
    ? `${lastSentence(said)}: ${missing[1] ?? ""} cannot be opened`
    : lastSentence(said);
}

/** ONNX Runtime begins with the place in its source; the reason comes last. */
function lastSentence(reason: string): string {
  const sentences = reason.trim().split(/(?<=\.)\s+|\n/);
  return (sentences.at(-1) ?? "").replace(/\.$/, "");
}
