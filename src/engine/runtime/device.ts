/**
 * @file Devices on which graphs run, by ONNX Runtime's execution providers.
 */
import { availableParallelism } from "node:os";
import { listSupportedBackends } from "./onnx-runtime.js";
import { AutodidactError } from "../../foundation/error.js";

export type DeviceName = "cpu" | "cuda" | "webgpu";

export interface Device {
  readonly name: DeviceName;
  /** Threads that work on one operator. */
  readonly threads: number;
  /** Where each executable writes how long its operators took, as a path without its end. */
  readonly profile?: string;
}

/** Devices that this build of ONNX Runtime can open. */
export function availableDevices(): DeviceName[] {
  const known: readonly DeviceName[] = ["cpu", "cuda", "webgpu"];
  const bundled = new Set<string>(
    listSupportedBackends().map((backend) => backend.name),
  );
  return known.filter((name) => bundled.has(name));
}

/**
 * @param name a device, or `auto` for the fastest one that works
 * @throws DEVICE when the device is not part of this installation
 */
export function openDevice(
  name: DeviceName | "auto" = "cpu",
  threads = availableParallelism(),
): Device {
  if (name === "auto") return { name: "cpu", threads };
  const available = availableDevices();
  if (!available.includes(name)) {
    throw new AutodidactError(
      "DEVICE",
      `The device "${name}" is not available: this installation of onnxruntime-node offers ${available.join(", ")}. Use --device cpu, or install ONNX Runtime with ${name} support.`,
      { device: name, available },
    );
  }
  return { name, threads };
}
