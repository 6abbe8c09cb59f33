/**
 * @file What turns the log-probabilities of a batch into a loss.
 */
import type { HostTensor } from "../../engine/tensor/host-tensor.js";
import type { Objective } from "../training-graph.js";

export interface BoundObjective {
  /** Equal keys mean equal graphs; part of the key under which a graph is cached. */
  readonly key: string;
  readonly build: Objective;
  /** Values of the inputs that `build` declares. */
  readonly feeds: Readonly<Record<string, HostTensor>>;
}
