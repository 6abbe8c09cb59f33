import { describe, expect, it } from "vitest";
import { identityOf, parseBaseUrl, showUrl } from "./endpoint-settings.js";

describe("parseBaseUrl", () => {
  it("drops slashes at the end", () => {
    expect(showUrl(parseBaseUrl("http://127.0.0.1:8000/v1//"))).toBe(
      "http://127.0.0.1:8000/v1",
    );
    expect(showUrl(parseBaseUrl("http://127.0.0.1:8000"))).toBe(
      "http://127.0.0.1:8000",
    );
  });

  it("keeps a query without secrets", () => {
    expect(showUrl(parseBaseUrl("https://h/openai?api-version=1"))).toBe(
      "https://h/openai?api-version=1",
    );
  });

  it.each(["localhost:8000/v1", "ftp://h/v1", "", "v1"])(
    "does not take %j for an address",
    (text) => {
      expect(() => parseBaseUrl(text)).toThrow(/is not an address/);
    },
  );

  it.each([
    "http://me:s3cr3t@h/v1",
    "http://h/v1?api_key=s3cr3t",
    "http://h/v1?access_token=s3cr3t",
  ])(
    "refuses an address with a secret in it, without quoting it: %s",
    (text) => {
      expect(() => parseBaseUrl(text)).toThrow(
        /contains a name, password or key/,
      );
      expect(() => parseBaseUrl(text)).not.toThrow(/s3cr3t/);
    },
  );
});

describe("identityOf", () => {
  const url = parseBaseUrl("http://127.0.0.1:8000/v1/");
  const settings = { baseUrl: url.href, model: "m" };

  it("names address, model, revision and extra fields", () => {
    expect(identityOf(settings, url)).toBe("http://127.0.0.1:8000/v1 m");
    expect(
      identityOf(
        { ...settings, revision: "r2", extraBody: { min_p: 0.1 } },
        url,
      ),
    ).toBe('http://127.0.0.1:8000/v1 m@r2 {"min_p":0.1}');
  });

  it("does not change with the address when the endpoint has a name", () => {
    const elsewhere = parseBaseUrl("http://127.0.0.1:9000/v1");
    const named = { ...settings, name: "lab" };
    expect(identityOf(named, url)).toBe(identityOf(named, elsewhere));
  });
});
