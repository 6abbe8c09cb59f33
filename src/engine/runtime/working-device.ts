/**
 * @file A device that is not only known to this build of ONNX Runtime but computes
 * here: the libraries are installed and the hardware answers.
 */
import { AutodidactError } from "../../foundation/error.js";
import { openDevice, type Device, type DeviceName } from "./device.js";
import { probeDevice } from "./device-probe.js";

/**
 * Opens a device and computes one sum on it before anything depends on it.
 * @throws DEVICE when it is not part of this installation or does not work on this machine
 */
export async function workingDevice(
  name: DeviceName | "auto",
): Promise<Device> {
  const device = openDevice(name);
  if (device.name === "cpu") return device;
  const problem = await probeDevice(device.name);
  if (problem === null) return device;
  throw new AutodidactError(
    "DEVICE",
    `The device "${device.name}" does not work on this machine (${problem}). Use --device cpu, or install the ${device.name === "cuda" ? "CUDA libraries of onnxruntime-node and an NVIDIA driver" : "graphics driver that WebGPU needs (Vulkan, Metal or Direct3D 12)"}.`,
    { device: device.name },
  );
}
