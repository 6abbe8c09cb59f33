import { describe, expect, it } from "vitest";
import { proxyFor } from "./proxy.js";

const via = (address: string, environment: Record<string, string>) =>
  proxyFor(new URL(address), environment)?.url.origin;

describe("the proxy of an endpoint", () => {
  it("is the one for its protocol, in either case of letters, or the one for all", () => {
    const both = { http_proxy: "http://a:1", HTTPS_PROXY: "http://b:2" };
    expect(via("http://h/v1", both)).toBe("http://a:1");
    expect(via("https://h/v1", both)).toBe("http://b:2");
    expect(via("http://h/v1", { HTTPS_PROXY: "http://b:2" })).toBeUndefined();
    expect(via("http://h/v1", { ALL_PROXY: "c:3" })).toBe("http://c:3");
    expect(via("http://h/v1", { http_proxy: "", HTTP_PROXY: "d:4" })).toBe(
      "http://d:4",
    );
  });

  it("is none on this machine", () => {
    const environment = { HTTP_PROXY: "http://a:1" };
    for (const host of ["localhost", "x.localhost", "127.0.0.1", "[::1]"])
      expect(via(`http://${host}/v1`, environment)).toBeUndefined();
  });

  it.each([
    ["*", "http://h/v1"],
    ["h", "http://h/v1"],
    [".example.org", "http://a.b.example.org/v1"],
    ["example.org", "http://a.example.org/v1"],
    ["*.example.org", "http://a.example.org/v1"],
    ["x, example.org:8000", "http://example.org:8000/v1"],
    ["h:80", "http://h/v1"],
    ["10.1.2.3", "http://10.1.2.3/v1"],
    ["10.0.0.0/8", "http://10.1.2.3:8000/v1"],
    ["192.168.1.0/24 10.0.0.0/8", "http://192.168.1.77/v1"],
    ["fd00::/8", "http://[fd00::1]:8000/v1"],
  ])("is none where NO_PROXY is %j, for %s", (list, address) => {
    const environment = { HTTP_PROXY: "http://a:1", NO_PROXY: list };
    expect(via(address, environment)).toBeUndefined();
  });

  it.each([
    ["h:81", "http://h/v1"],
    ["example.org", "http://badexample.org/v1"],
    ["10.0.0.0/8", "http://11.1.2.3/v1"],
    ["10.0.0.0/8", "http://h/v1"],
    ["10.0.0.0/99", "http://10.1.2.3/v1"],
    ["", "http://h/v1"],
  ])("stays where NO_PROXY is %j, for %s", (list, address) => {
    const environment = { HTTP_PROXY: "http://a:1", NO_PROXY: list };
    expect(via(address, environment)).toBe("http://a:1");
  });

  it("is shown with its variable, without its password", () => {
    const environment = { https_proxy: "http://me:s3cr3t@a:1" };
    expect(proxyFor(new URL("https://h/v1"), environment)?.shown).toBe(
      "http://[key]@a:1 of https_proxy",
    );
    expect(() =>
      proxyFor(new URL("https://h/v1"), { https_proxy: "http://me:s3cr3t@:x" }),
    ).toThrow(
      /^The proxy http:\/\/\[key\]@:x of https_proxy is not an address/,
    );
  });
});
