import { expect, test } from "vitest";
import { eventFile } from "./event-file.js";

/**
 * Written by tensorboard 2.21.0: `RecordWriter` with `Event(wall_time=2.5,
 * file_version="brain.Event:2")`, then `Event(wall_time=2.5, step=300, summary=…)` of the
 * simple values `train/loss` 0.5 and `train/x` −2.
 */
const EXPECTED =
  "1800000000000000a37f4b220900000000000004401a0d627261696e2e4576656e743a32b19bcaec" +
  "31000000000000009d8383e909000000000000044010ac022a230a110a0a747261696e2f6c6f7373" +
  "150000003f0a0e0a07747261696e2f7815000000c02853f73a";

test("an event file has the bytes that TensorBoard's own writer gives", () => {
  const scalars = { "train/loss": 0.5, "train/x": -2 };
  const parts = [...eventFile([{ wallTime: 2.5, step: 300, scalars }])];
  expect(Buffer.concat(parts).toString("hex")).toBe(EXPECTED);
});
