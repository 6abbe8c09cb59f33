import { describe, expect, it } from "vitest";
import {
  checkHeaders,
  identityOf,
  parseBaseUrl,
  showUrl,
} from "./endpoint-settings.js";

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

  it.each(["http://me:s3cr3t@h/v1", "htp://me:s3cr3t@h/v1", "me:s3cr3t@h/v1"])(
    "refuses an address with a password in it, without quoting it: %s",
    (text) => {
      expect(() => parseBaseUrl(text)).toThrow(
        /contains a name|not an address/,
      );
      expect(() => parseBaseUrl(text)).not.toThrow(/s3cr3t/);
    },
  );

  it.each(["api_key", "access_token", "code", "sig", "auth", "key"])(
    "hides what opens doors in the parameter %s",
    (name) => {
      const url = parseBaseUrl(`http://h/v1?a=1&${name}=s3cr3t`);
      expect(url.searchParams.get(name)).toBe("s3cr3t");
      expect(showUrl(url)).toBe(`http://h/v1?a=1&${name}=[key]`);
      const settings = { baseUrl: url.href, model: "m" };
      expect(identityOf(settings, url)).not.toContain("s3cr3t");
    },
  );

  it("refuses a header that would carry a secret", () => {
    expect(() => {
      checkHeaders({ "x-tenant": "a", "X-Api-Key": "s3cr3t" });
    }).toThrow(/^The header "X-Api-Key" of the endpoint would carry a secret/);
  });
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
