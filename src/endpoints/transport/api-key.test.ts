import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { ApiKey, findApiKey } from "./api-key.js";

const OPENAI = new URL("https://api.openai.com/v1");
const OTHER = new URL("http://127.0.0.1:8000/v1");
const SECRET = "sk-test-0123456789";

describe("findApiKey", () => {
  it("takes the variable it is told, for any address", () => {
    const key = findApiKey(OTHER, "MY_KEY", { MY_KEY: ` ${SECRET}\n` });
    expect(key?.header()).toEqual({ authorization: `Bearer ${SECRET}` });
    expect(key?.variable).toBe("MY_KEY");
  });

  it("sends OPENAI_API_KEY, unasked, to OpenAI only", () => {
    const environment = { OPENAI_API_KEY: SECRET };
    expect(
      findApiKey(OPENAI, undefined, environment)?.header("Api-Key"),
    ).toEqual({ "api-key": SECRET });
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

  it("refuses a key in the place of a variable's name without quoting it", () => {
    const find = () => findApiKey(OTHER, "sk-the-key-itself", {});
    expect(find).toThrow(/perhaps the key itself/);
    expect(find).not.toThrow(/sk-the/);
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

  const hard = 'sk-ab/cD+9"e=';
  const units = (form: (code: string) => string) =>
    [...hard]
      .map((one) => form(one.charCodeAt(0).toString(16).padStart(4, "0")))
      .join("");
  it.each([
    ["as it is", hard],
    ["as JSON", JSON.stringify(hard).slice(1, -1)],
    ["with slashes escaped", hard.replaceAll("/", "\\/")],
    ["as code units", units((code) => `\\u${code}`)],
    ["as code units in capitals", units((code) => `\\u${code.toUpperCase()}`)],
    ["as JSON in JSON", JSON.stringify(JSON.stringify(hard)).slice(3, -3)],
    ["as code units in JSON in JSON", units((code) => `\\\\u${code}`)],
    ["as part of an address", encodeURIComponent(hard)],
  ])("is cut out %s", (_, spelled) => {
    const text = `{"message":"key ${spelled}, wrong"}`;
    expect(new ApiKey("K", hard).redact(text)).toBe(
      '{"message":"key [key], wrong"}',
    );
  });

  it("is looked for in one pass, whatever the text", () => {
    const text = "\\".repeat(300_000);
    expect(key.redact(text)).toBe(text);
  });

  it("leaves text alone when it is too short to be a secret", () => {
    expect(new ApiKey("K", "x").redact("fox")).toBe("fox");
  });
});
