import { describe, expect, it } from "vitest";
import { secretHeader, secretParameters, withoutSecrets } from "./secrets.js";

describe("an address that is shown or kept", () => {
  it.each([
    ["http://me:s3cr3t@h/v1", "http://[key]@h/v1"],
    ["me:s3cr3t@h:9/v1", "[key]@h:9/v1"],
    ["see http://me:s3cr3t@h/v1.", "see http://[key]@h/v1."],
    ["http://h/v1?code=s3cr3t", "http://h/v1?code=[key]"],
    ["http://h/v1?a=1&sig=s3cr3t#x", "http://h/v1?a=1&sig=[key]#x"],
    ["http://h/v1?auth=s3cr3t", "http://h/v1?auth=[key]"],
    ["http://h/v1?key=s3cr3t&b=2", "http://h/v1?key=[key]&b=2"],
    ["http://h/v1?access_token=s3cr3t", "http://h/v1?access_token=[key]"],
    ["http://h/v1?X-Amz-Signature=s3cr3t", "http://h/v1?X-Amz-Signature=[key]"],
  ])("has its secrets hidden: %s", (text, shown) => {
    expect(withoutSecrets(text)).toBe(shown);
    expect(withoutSecrets(shown)).toBe(shown);
  });

  it.each([
    "http://127.0.0.1:8000/v1",
    "https://h/openai?api-version=2024-10-21",
    "http://[::1]:8000/v1?max_tokens=5",
    "mail me@example.org at 10:30 @ home",
  ])("stays as it is without: %s", (text) => {
    expect(withoutSecrets(text)).toBe(text);
  });

  it("tells which of its parameters open doors", () => {
    const url = new URL("http://h/v1?code=abc&api-version=1&sig=&key=d");
    expect(secretParameters(url)).toEqual(["abc", "d"]);
  });
});

describe("a header", () => {
  it("carries a secret by its name", () => {
    expect(
      [
        "Authorization",
        "x-api-key",
        "Cookie",
        "api-key",
        "x-goog-api-key",
      ].filter(secretHeader),
    ).toHaveLength(5);
    expect(["HTTP-Referer", "X-Title", "x-tenant"].some(secretHeader)).toBe(
      false,
    );
  });
});
