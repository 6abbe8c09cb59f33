/**
 * @file ONNX Runtime as everything here imports it: the order of these two lines keeps
 * it from reporting to its vendor.
 */
import "./no-telemetry.js";
export {
  InferenceSession,
  Tensor,
  listSupportedBackends,
} from "onnxruntime-node";
