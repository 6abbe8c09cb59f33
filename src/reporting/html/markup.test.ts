import { describe, expect, test } from "vitest";
import { escapeText, html, verbatim } from "./markup.js";

describe("html", () => {
  test("escapes strings, in text and in attributes", () => {
    const hostile = `"><script>alert('x')</script>&`;
    expect(html`<p title="${hostile}">${hostile}</p>`.text).toBe(
      `<p title="&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;">&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;</p>`,
    );
  });

  test("escapes only once, however deep the markup is nested", () => {
    const inner = html`<b>${"a < b"}</b>`;
    expect(html`<i>${[inner, ["&", html`<u>${1}</u>`]]}</i>`.text).toBe(
      "<i><b>a &lt; b</b>&amp;<u>1</u></i>",
    );
  });

  test("leaves out null and false but keeps zero and the empty string's place", () => {
    expect(html`[${null}${false}${0}${""}]`.text).toBe("[0]");
  });

  test("lets our own constants pass as they are", () => {
    expect(html`${verbatim("a > b")}`.text).toBe("a > b");
  });
});

test("control characters that no page may hold become a visible mark", () => {
  expect(escapeText("a\u0000b\u001Bc\td\n")).toBe("a\uFFFDb\uFFFDc\td\n");
});
