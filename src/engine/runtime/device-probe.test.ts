import { describe, expect, it } from "vitest";
import type { DeviceName } from "./device.js";
import { probeDevice } from "./device-probe.js";

describe("trying a device", () => {
  it("finds that one works", async () => {
    expect(await probeDevice("cpu")).toBeNull();
  });

  it("gives the reason why one does not", async () => {
    const reason = await probeDevice("toaster" as DeviceName);
    expect(reason).toMatch(/toaster/);
    expect(reason).not.toMatch(/\n/);
  });
});
