import { describe, expect, it } from "vitest";
import { isLoopbackAddress } from "./loopback.js";

describe("an address", () => {
  it.each([
    ["127.0.0.1", true],
    ["127.1.2.3", true],
    ["localhost", true],
    ["::1", true],
    ["0.0.0.0", false],
    ["::", false],
    ["192.168.0.7", false],
    ["localhost.example.com", false],
  ])("%s is this machine's own: %s", (address, own) => {
    expect(isLoopbackAddress(address)).toBe(own);
  });
});
