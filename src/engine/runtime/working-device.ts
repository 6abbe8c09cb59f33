/**
 * @file A device that is not only known to this build of ONNX Runtime but computes
 * here: the libraries are installed and the hardware answers.
 */
import { AutodidactError } from "../../foundation/error.js";
import { GraphBuilder } from "../graph/graph.js";
import { float32Tensor } from "../tensor/host-tensor.js";
import { openDevice, type Device, type DeviceName } from "./device.js";
import { compile } from "./executable.js";

/**
 * Opens a device and computes one sum on it before anything depends on it.
 * @throws DEVICE when it is not part of this installation or does not work on this machine
 */
export async function workingDevice(
  name: DeviceName | "auto",
): Promise<Device> {
  const device = openDevice(name);
  if (device.name === "cpu") return device;
  const graph = new GraphBuilder();
  const x = graph.input("x", [1]);
  graph.output("sum", graph.add(x, x));
  try {
    const executable = await compile(graph, device);
    await executable.run({ x: float32Tensor(Float32Array.of(1), [1]) });
    await executable.release();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new AutodidactError(
      "DEVICE",
      `The device "${device.name}" does not work on this machine (${lastSentence(reason)}). Use --device cpu, or install the ${device.name === "cuda" ? "CUDA libraries of onnxruntime-node and an NVIDIA driver" : "graphics driver that WebGPU needs (Vulkan, Metal or Direct3D 12)"}.`,
      { device: device.name },
      { cause },
    );
  }
  return device;
}

/** ONNX Runtime begins with the place in its source; the reason comes last. */
function lastSentence(reason: string): string {
  const sentences = reason.trim().split(/(?<=\.)\s+|\n/);
  return (sentences.at(-1) ?? "").replace(/\.$/, "");
}
