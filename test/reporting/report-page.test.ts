/**
 * @file The pages of the loop and of Self-Instruct as a browser sees them: nothing fetched, nothing run, nothing cut off, in
 * both themes and on a telephone. Skipped, loudly, where there is no Chromium.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { chromium } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { InstructReport } from "../../src/reporting/instruct/schema.js";
import { renderInstructReport } from "../../src/reporting/instruct/page.js";
import type { RunReport } from "../../src/reporting/self-rewarding/schema.js";
import { writeReport } from "../../src/reporting/report-file.js";
import { findChromium } from "./find-chromium.js";
import type { Contrast } from "./page-measures.js";
import {
  BARS_OF_FIRST_STAGE,
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
import {
  chineseReport,
  emptyReport,
  englishReport,
} from "./sample-instruct-reports.js";

/** Every page with something on it. */
const INSTRUCT_PAGES = ["instruct", "instruct-zh", "instruct-empty"];
const PAGES = ["good", "deceived", "gated", "arms", ...INSTRUCT_PAGES];

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

/** The same for what a Self-Instruct run made. */
function hostileInstructReport(report: InstructReport): InstructReport {
  const named = [{ name: HOSTILE, count: 3 }];
  return {
    ...report,
    name: HOSTILE,
    model: HOSTILE,
    samples: {
      accepted: [
        { id: HOSTILE, instruction: HOSTILE, input: HOSTILE, output: HOSTILE },
      ],
      refused: [{ stage: HOSTILE, rule: HOSTILE, text: HOSTILE, why: HOSTILE }],
    },
    waterfall: report.waterfall.map((stage) => ({
      ...stage,
      stage: HOSTILE,
      rejected: named,
    })),
    data: {
      ...report.data,
      verbs: {
        ...report.data.verbs,
        byVerb: [{ verb: HOSTILE, count: 3, objects: named }],
      },
      labels: { ...report.data.labels, commonest: named },
      nearDuplicates: {
        ...report.data.nearDuplicates,
        clusters: 1,
        largest: [{ instructions: [HOSTILE, HOSTILE] }],
      },
      contamination: {
        evaluationPrompts: 1,
        findings: [
          {
            taskId: HOSTILE,
            prompt: HOSTILE,
            evaluationPrompt: HOSTILE,
            kind: "equal",
            amount: 3,
          },
        ],
      },
    },
  };
}

describe.skipIf(executablePath === null)("the report pages", () => {
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
    const english = await englishReport();
    const instructReports = {
      instruct: english,
      "instruct-zh": await chineseReport(),
      "instruct-empty": await emptyReport(),
      "instruct-replayed": { ...english, stop: "end-of-record" as const },
      "instruct-hostile": hostileInstructReport(english),
    };
    for (const [name, report] of Object.entries(instructReports)) {
      const path = join(folder, `${name}.html`);
      await writeFile(path, renderInstructReport(report));
      addresses[name] = pathToFileURL(path).href;
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

  test.each(PAGES)(
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
    for (const name of PAGES) {
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
    for (const name of [...PAGES, "hostile", "instruct-hostile"]) {
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
    for (const name of PAGES) {
      await open(name, { viewport: { width, height: 800 } }, async (page) => {
        const outside = await page.evaluate<string[]>(LABELS_OUTSIDE);
        expect(outside).toEqual([]);
      });
    }
  });

  test.each(["light", "dark"] as const)(
    "text is readable against its ground in the %s theme",
    async (colorScheme) => {
      for (const name of ["deceived", "instruct"]) {
        await open(name, { colorScheme }, async (page) => {
          const measured = await page.evaluate<Contrast[]>(MEASURE_CONTRASTS);
          expect(measured.length).toBeGreaterThan(100);
          expect(
            measured.filter(({ ratio, needed }) => ratio < needed),
          ).toEqual([]);
        });
      }
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

  test.each(["good", "instruct"])(
    "%s: every picture has a name, and its numbers in a table the keyboard opens",
    async (name) => {
      await open(name, {}, async (page) => {
        const nameless = await page
          .locator(
            '[role="img"]:not([aria-label]), [role="img"][aria-label=""]',
          )
          .count();
        expect(nameless).toBe(0);
        const figures = await page.locator("figure").all();
        expect(figures.length).toBeGreaterThan(3);
        for (const figure of figures) {
          const details = figure.locator("details.numbers").first();
          await details.locator("summary").focus();
          await page.keyboard.press("Enter");
          expect(await details.locator("tbody tr").count()).toBeGreaterThan(0);
          expect(await details.locator("table").isVisible()).toBe(true);
        }
      });
    },
  );

  test.each(["good", "instruct"])(
    "%s: prints without the navigation and with its colours",
    async (name) => {
      await open(name, {}, async (page) => {
        await page.emulateMedia({ media: "print" });
        expect(await page.locator("nav").isVisible()).toBe(false);
        expect(await page.locator("h1").isVisible()).toBe(true);
        const pdf = await page.pdf({ format: "A4", printBackground: true });
        expect(pdf.subarray(0, 5).toString()).toBe("%PDF-");
      });
    },
  );

  test("what instruct refused is drawn as steps from all that was written to what was kept", async () => {
    await open("instruct", {}, async (page) => {
      const stage = page.locator("#yield .card").first();
      const names = await stage.locator("tbody th").allTextContents();
      expect(names.map((name) => name.trim().split(/\s/u)[0])).toEqual([
        "written",
        "not-novel",
        "too-short",
        "truncated-last-item",
        "a-rule-of-tomorrow",
        "request-refused",
        "kept",
      ]);
      const boxes =
        await page.evaluate<{ left: number; right: number }[]>(
          BARS_OF_FIRST_STAGE,
        );
      expect(boxes).toHaveLength(names.length);
      const [all, ...steps] = boxes;
      // Each bar ends where the one before began; what is left is what was kept.
      let edge = all?.right ?? 0;
      for (const step of steps.slice(0, -1)) {
        expect(Math.abs(step.right - edge)).toBeLessThan(2.5);
        edge = step.left;
      }
      expect(Math.abs((steps.at(-1)?.right ?? 0) - edge)).toBeLessThan(2.5);
      expect(Math.abs((steps.at(-1)?.left ?? 0) - (all?.left ?? 9))).toBe(0);
    });
  });

  test("instruct shows verbs with objects, labels, the trend and what overlaps", async () => {
    await open("instruct", {}, async (page) => {
      expect(await page.locator("#diversity tbody tr").count()).toBe(20 + 20);
      expect(await page.locator("#diversity").textContent()).toMatch(
        /write\s+letter 2/u,
      );
      expect(await page.locator("#novelty svg").count()).toBe(2 * 4);
      const review = await page.locator("#review tbody").textContent();
      expect(review).toMatch(/37 of 40, \[80 %, 97 %\]/u);
      expect(review).toMatch(/not marked yet/u);
      expect(
        await page.locator("#labels .stack").getAttribute("aria-label"),
      ).toBe(
        "several labels: 12 (75\u202f%), one instance only: 0 (0\u202f%), one label only: 4 (25\u202f%)",
      );
      expect(await page.locator("#overlap h2 + .lead").textContent()).toMatch(
        /1 row resembles one of its 2 prompts/u,
      );
      expect(await page.locator("#overlap li").textContent()).toMatch(
        /en-003\s*, the same prompt/u,
      );
    });
    await open("instruct", {}, async (page) => {
      expect(await page.locator("#rows article").count()).toBe(10);
      const refused = await page.locator("#refused").textContent();
      expect(refused).toMatch(/not-novel\s+too similar to something/u);
      expect(refused).toContain("nearest (ROUGE-L 0.80): Name the capital");
      expect(refused).toContain("Write\\u202e.\\u001b[2J");
      expect(refused).toMatch(/no text[^]*blocked by the content filter/u);
      expect(await page.locator("#effort tbody tr").count()).toBe(4);
    });
    await open("instruct-zh", {}, async (page) => {
      expect(
        await page.locator("#lengths .lead").first().textContent(),
      ).toMatch(/^In characters/u);
      expect(await page.locator("#diversity .track + small").count()).toBe(0);
    });
    await open("instruct-replayed", {}, async (page) => {
      expect(await page.locator(".kicker .pill").textContent()).toContain(
        "Replayed",
      );
    });
    await open("instruct-empty", {}, async (page) => {
      expect(await page.locator(".kicker .pill").textContent()).toContain(
        "Empty",
      );
      expect(
        await page
          .locator("#labels, #diversity, #overlap, #rows, #refused")
          .count(),
      ).toBe(0);
      const top = await page.locator("#verdict").textContent();
      expect(top).toContain("the data set is empty");
      expect(top).not.toMatch(/of \d+ asked for/u);
    });
  });

  test("instruct shows what a model wrote as text and runs none of it", async () => {
    await open("instruct-hostile", {}, async (page, requests) => {
      expect(await page.title()).toContain("</title><script>");
      expect(await page.locator("script, img").count()).toBe(0);
      expect(await page.locator('a[href^="javascript"]').count()).toBe(0);
      expect(await page.locator("h1").textContent()).toBe(HOSTILE);
      for (const place of ["#duplicates li", "#overlap .prompt"]) {
        expect(await page.locator(place).first().textContent()).toBe(HOSTILE);
      }
      expect(requests).toHaveLength(1);
    });
  });
});
