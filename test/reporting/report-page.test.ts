/**
 * @file The page as a browser sees it: nothing fetched, nothing run, nothing cut off, in
 * both themes and on a telephone. Skipped, loudly, where there is no Chromium.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { chromium } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunReport } from "../../src/reporting/report.js";
import { writeReport } from "../../src/reporting/report.js";
import { findChromium } from "./find-chromium.js";
import type { Contrast } from "./page-measures.js";
import {
  HEADING_LEVELS,
  IDS,
  LABELS_OUTSIDE,
  LINK_TARGETS,
  MEASURE_CONTRASTS,
  SCROLL_WIDTH,
} from "./page-measures.js";
import {
  armsReport,
  gatedReport,
  goodReport,
  selfDeceivingReport,
} from "./sample-reports.js";

const executablePath = findChromium();
if (executablePath === null) {
  process.stderr.write(
    "\n*** NOT TESTED: the report page. No Chromium was found; install one (apt-get install chromium) or set CHROMIUM_PATH. ***\n\n",
  );
}

const HOSTILE = `</pre></style></title><script>document.title="owned"</script><img src=x onerror="document.title='owned'"><a href="javascript:alert(1)">${"&"}`;

/** Every place where text that a model or a file made can reach the page. */
function hostileReport(): RunReport {
  const report = selfDeceivingReport();
  const side = {
    text: HOSTILE,
    rationale: HOSTILE,
    selfScore: 5,
    trueScore: 0,
  };
  return {
    ...report,
    name: HOSTILE,
    models: report.models.map((model) => ({
      ...model,
      path: HOSTILE,
      families: model.families.map((family) => ({
        ...family,
        family: `${HOSTILE}${family.family}`,
      })),
    })),
    rounds: report.rounds.map((round) => ({
      ...round,
      reward: HOSTILE,
      rejections: { [HOSTILE]: 3 },
    })),
    examples: [
      { from: "M1", to: "M2", prompt: HOSTILE, chosen: side, rejected: side },
    ],
    arms: [{ name: HOSTILE, note: HOSTILE, runs: [] }],
    recipe: { [HOSTILE]: HOSTILE },
    versions: { [HOSTILE]: HOSTILE },
  };
}

describe.skipIf(executablePath === null)("the report page", () => {
  let browser: Browser;
  let folder: string;
  const addresses: Record<string, string> = {};

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "autodidact-page-"));
    const reports = {
      good: goodReport(),
      deceived: selfDeceivingReport(),
      gated: gatedReport(),
      arms: armsReport(),
      hostile: hostileReport(),
    };
    for (const [name, report] of Object.entries(reports)) {
      const { html } = await writeReport(join(folder, name), report);
      addresses[name] = pathToFileURL(html).href;
    }
    browser = await chromium.launch({
      executablePath: executablePath ?? "",
      timeout: 0,
      args: ["--no-sandbox", "--disable-gpu"],
    });
  });

  afterAll(async () => {
    await browser.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** Opens a page and gives it to `look`, with every request it made. */
  async function open<T>(
    name: string,
    options: BrowserContextOptions,
    look: (page: Page, requests: readonly string[]) => Promise<T>,
  ): Promise<T> {
    const context = await browser.newContext(options);
    try {
      // A loaded machine is slow, not wrong: the test's own limit is enough.
      context.setDefaultTimeout(0);
      const page = await context.newPage();
      const requests: string[] = [];
      page.on("request", (request) => requests.push(request.url()));
      await page.goto(addresses[name] ?? "");
      return await look(page, requests);
    } finally {
      await context.close();
    }
  }

  test.each(["good", "deceived", "gated", "arms"])(
    "%s: one heading of the first rank, no level skipped, no id twice",
    async (name) => {
      await open(name, {}, async (page) => {
        const levels = await page.evaluate<number[]>(HEADING_LEVELS);
        expect(levels.filter((level) => level === 1)).toHaveLength(1);
        for (const [index, level] of levels.entries()) {
          expect(level - (levels[index - 1] ?? 0)).toBeLessThanOrEqual(1);
        }
        const ids = await page.evaluate<string[]>(IDS);
        expect(new Set(ids).size).toBe(ids.length);
        const targets = await page.evaluate<string[]>(LINK_TARGETS);
        expect(ids).toEqual(expect.arrayContaining(targets));
      });
    },
  );

  test("asks the network for nothing and writes no number that is none", async () => {
    for (const name of ["good", "deceived", "gated", "arms"]) {
      await open(name, {}, async (page, requests) => {
        expect(requests).toEqual([addresses[name]]);
        const source = await page.content();
        expect(source).not.toMatch(/NaN|Infinity|undefined|\[object/);
        expect(source).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
      });
    }
  });

  test("shows what a model wrote as text and runs none of it", async () => {
    await open("hostile", {}, async (page, requests) => {
      expect(await page.title()).toContain("</title><script>");
      expect(await page.locator("script, img").count()).toBe(0);
      expect(await page.locator('a[href^="javascript"]').count()).toBe(0);
      expect(await page.locator(".side pre").first().textContent()).toBe(
        HOSTILE,
      );
      expect(await page.locator(".prompt").textContent()).toBe(HOSTILE);
      expect(requests).toHaveLength(1);
    });
  });

  test.each([
    ["a telephone", 360],
    ["a tablet", 820],
    ["a desk", 1280],
  ])("fits %s without sideways scrolling", async (_, width) => {
    for (const name of ["good", "deceived", "arms", "hostile"]) {
      await open(name, { viewport: { width, height: 800 } }, async (page) => {
        const inner = await page.evaluate<number>(SCROLL_WIDTH);
        expect(inner).toBeLessThanOrEqual(width);
      });
    }
  });

  test.each([
    ["a telephone", 360],
    ["a desk", 1280],
  ])("no label of a chart leaves its card on %s", async (_, width) => {
    for (const name of ["good", "deceived", "arms"]) {
      await open(name, { viewport: { width, height: 800 } }, async (page) => {
        const outside = await page.evaluate<string[]>(LABELS_OUTSIDE);
        expect(outside).toEqual([]);
      });
    }
  });

  test.each(["light", "dark"] as const)(
    "text is readable against its ground in the %s theme",
    async (colorScheme) => {
      await open("deceived", { colorScheme }, async (page) => {
        const measured = await page.evaluate<Contrast[]>(MEASURE_CONTRASTS);
        expect(measured.length).toBeGreaterThan(100);
        expect(measured.filter(({ ratio, needed }) => ratio < needed)).toEqual(
          [],
        );
      });
    },
  );

  test("says the verdict in words, not by colour alone", async () => {
    await open("deceived", {}, async (page) => {
      expect(await page.locator("h1").textContent()).toBe(
        "It is fooling itself.",
      );
      expect(await page.locator(".kicker .pill").textContent()).toContain(
        "Self-deception",
      );
      const notices = page.locator(".notices li");
      expect(await notices.count()).toBeGreaterThan(1);
      for (const notice of await notices.all()) {
        expect((await notice.locator("h3").textContent())?.trim()).not.toBe("");
      }
    });
  });

  test("every picture has a name, and its numbers in a table the keyboard opens", async () => {
    await open("good", {}, async (page) => {
      const nameless = await page
        .locator('[role="img"]:not([aria-label]), [role="img"][aria-label=""]')
        .count();
      expect(nameless).toBe(0);
      for (const figure of await page.locator("figure").all()) {
        const details = figure.locator("details.numbers").first();
        await details.locator("summary").focus();
        await page.keyboard.press("Enter");
        expect(await details.locator("tbody tr").count()).toBeGreaterThan(0);
        expect(await details.locator("table").isVisible()).toBe(true);
      }
    });
  });

  test("prints without the navigation and with its colours", async () => {
    await open("good", {}, async (page) => {
      await page.emulateMedia({ media: "print" });
      expect(await page.locator("nav").isVisible()).toBe(false);
      expect(await page.locator("h1").isVisible()).toBe(true);
      const pdf = await page.pdf({ format: "A4", printBackground: true });
      expect(pdf.subarray(0, 5).toString()).toBe("%PDF-");
    });
  });
});
