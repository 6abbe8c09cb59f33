/**
 * @file `autodidact/engine`: graphs, gradients and their execution, without any
 * language in them.
 *
 * Semantic versioning covers the names listed here and nothing else of src/engine.
 */
export { differentiate } from "../engine/autodiff/differentiate.js";
export {
  GraphBuilder,
  type Graph,
  type Node,
  type Value,
} from "../engine/graph/graph.js";
export type {
  PrimitiveAttributes,
  PrimitiveName,
} from "../engine/graph/primitives.js";
export { encodeModel } from "../engine/onnx/encode.js";
export {
  initAdamW,
  updateAdamW,
  type AdamWSettings,
  type AdamWState,
} from "../engine/optimizers/adamw.js";
export { clippingScale, gradientNorm } from "../engine/optimizers/clipping.js";
export {
  learningRateAt,
  type ScheduleSettings,
} from "../engine/optimizers/schedule.js";
export {
  availableDevices,
  openDevice,
  type Device,
  type DeviceName,
} from "../engine/runtime/device.js";
export {
  compile,
  type Executable,
  type Tensors,
} from "../engine/runtime/executable.js";
export {
  float32Tensor,
  int32Tensor,
  int64Tensor,
  type HostTensor,
} from "../engine/tensor/host-tensor.js";
export {
  ShapeError,
  type Dimension,
  type ElementType,
  type Shape,
  type TensorType,
} from "../engine/tensor/tensor-type.js";
