import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { ApiKey, findApiKey } from "./api-key.js";

const OPENAI = new URL("https://api.openai.com/v1");
const OTHER = new URL("http://127.0.0.1:8000/v1");
const SECRET = "sk-test-0123456789";

describe("findApiKey", () => {
  it("takes the variable it is told, for any address", () => {
    const key = findApiKey(OTHER, "MY_KEY", { MY_KEY: ` ${SECRET}\n` });
    expect(key?.authorization()).toBe(`Bearer ${SECRET}`);
    expect(key?.variable).toBe("MY_KEY");
  });

  it("sends OPENAI_API_KEY, unasked, to OpenAI only", () => {
    const environment = { OPENAI_API_KEY: SECRET };
    expect(
      findApiKey(OPENAI, undefined, environment)?.authorization(),
    ).toContain(SECRET);
    expect(findApiKey(OTHER, undefined, environment)).toBeUndefined();
    expect(
      findApiKey(new URL("http://api.openai.com/v1"), undefined, environment),
    ).toBeUndefined();
  });

  it("sends OPENAI_API_KEY where OPENAI_BASE_URL points", () => {
    const environment = {
      OPENAI_API_KEY: SECRET,
      OPENAI_BASE_URL: "http://127.0.0.1:8000/v1/",
    };
    expect(findApiKey(OTHER, undefined, environment)).toBeDefined();
  });

  it("says which variable is missing", () => {
    expect(() => findApiKey(OTHER, "MY_KEY", {})).toThrow(
      /environment variable MY_KEY, which is not set/,
    );
  });

  it("refuses a key with spaces without quoting it", () => {
    const find = () => findApiKey(OTHER, "MY_KEY", { MY_KEY: "my se cret" });
    expect(find).toThrow(/MY_KEY holds spaces/);
    expect(find).not.toThrow(/se cret/);
  });
});

describe("ApiKey", () => {
  const key = new ApiKey("MY_KEY", SECRET);

  it("does not print, serialize or inspect", () => {
    const shown = [
      String(key),
      JSON.stringify({ key }),
      inspect({ key }, { showHidden: true, depth: 9 }),
      Object.values(key).join(),
    ].join("\n");
    expect(shown).not.toContain(SECRET);
  });

  it("is cut out of what a server says", () => {
    expect(key.redact(`wrong key ${SECRET}, really ${SECRET}!`)).toBe(
      "wrong key [key], really [key]!",
    );
  });

  it("leaves text alone when it is too short to be a secret", () => {
    expect(new ApiKey("K", "x").redact("fox")).toBe("fox");
  });
});
