/**
 * @file The dashboard's page in a browser, on real ledgers behind the real server: what
 * people do with it, by clicks and by keys. Skipped, loudly, where there is no Chromium.
 */
import { join } from "node:path";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { chromium } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openDashboard } from "../../src/dashboard/listen.js";
import { temporaryFolder } from "../ledger/support.js";
import { findChromium } from "../reporting/find-chromium.js";
import {
  type Contrast,
  MEASURE_CONTRASTS,
  SCROLL_WIDTH,
} from "../reporting/page-measures.js";
import {
  beginBrowsedRun,
  HOSTILE,
  PAIRS,
  promptText,
  writeBrowsedRun,
} from "./browsed-run.js";

const executablePath = findChromium();
if (executablePath === null) {
  process.stderr.write(
    "\n*** NOT TESTED: the dashboard's page. No Chromium was found; install one (apt-get install chromium) or set CHROMIUM_PATH. ***\n\n",
  );
}

const RUN = "browsed";
const ADDRESSES = [
  "",
  `run/${RUN}`,
  `run/${RUN}/table/pairs`,
  `run/${RUN}/row/pairs/1`,
  `run/${RUN}/held-out`,
  `run/${RUN}/review`,
  `run/${RUN}/review?subject=rows`,
];

describe.skipIf(executablePath === null)("the dashboard's page", () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath: executablePath ?? "",
      timeout: 0,
      args: ["--no-sandbox", "--disable-gpu"],
    });
  });

  afterAll(async () => {
    await browser.close();
  });

  /** Opens the list of the runs in `folder` and gives it to `look`, with what went wrong on it. */
  async function open(
    folder: string,
    look: (page: Page, faults: readonly string[]) => Promise<void>,
    options: BrowserContextOptions = {},
  ): Promise<void> {
    const dashboard = await openDashboard({
      folders: [folder],
      cache: temporaryFolder(),
      host: "127.0.0.1",
      port: 0,
    });
    const context = await browser.newContext({ locale: "en", ...options });
    try {
      // A loaded machine is slow, not wrong; what is not there in two minutes never comes.
      context.setDefaultTimeout(120_000);
      const page = await context.newPage();
      const faults: string[] = [];
      page.on("pageerror", ({ message }) => faults.push(message));
      page.on("console", (message) => {
        if (message.type() === "error") faults.push(message.text());
      });
      await page.goto(dashboard.url);
      await look(page, faults);
    } finally {
      await context.close();
      await dashboard.close(0);
    }
  }

  function folderWithRun(): string {
    const folder = temporaryFolder();
    writeBrowsedRun(join(folder, RUN));
    return folder;
  }

  /** Follows an address inside the page, and waits until nothing is on its way. */
  async function show(page: Page, address: string): Promise<void> {
    await page.evaluate(`location.hash = ${JSON.stringify(`#/${address}`)}`);
    await page.locator("h1").first().waitFor();
    await page
      .getByText(/^(Loading …|正在加载…)$/)
      .first()
      .waitFor({ state: "detached" });
  }

  test("follows a pair to the seed task behind it by clicks, and the seed task to its pairs", async () => {
    await open(folderWithRun(), async (page, faults) => {
      await page.getByRole("link", { name: RUN }).click();
      await page.getByRole("link", { name: "Rows", exact: true }).click();
      await page.getByRole("link", { name: /^pairs/ }).click();
      await page.getByRole("button", { name: "Open row" }).first().click();
      await page.getByRole("link", { name: "Where it came from" }).click();
      await page
        .getByRole("heading", { name: "pairs: row 1", level: 1 })
        .waitFor();
      await page.getByRole("heading", { name: "Chosen answer (1)" }).waitFor();
      await page
        .getByRole("link", { name: "seed tasks: row 1" })
        .first()
        .click();
      await page
        .getByRole("heading", { name: "seed tasks: row 1", level: 1 })
        .waitFor();
      await page.getByText("name a red thing").first().waitFor();
      await page
        .getByRole("link", { name: "pairs: row 1", exact: true })
        .click();
      await page
        .getByRole("heading", { name: "pairs: row 1", level: 1 })
        .waitFor();
      expect(faults).toEqual([]);
    });
  });

  test("finds the seed task with the most children from the run's page by one click", async () => {
    await open(folderWithRun(), async (page) => {
      await show(page, `run/${RUN}`);
      await page
        .getByRole("link", { name: "Seed tasks by their children" })
        .click();
      const row = page.getByRole("row").nth(1);
      await expect
        .poll(() => row.textContent(), { timeout: 0 })
        .toContain("name a red thing");
      expect(await row.textContent()).toContain(String(PAIRS / 2 + 1));
    });
  });

  test("finds the held-out question that the newer model lost, by clicks", async () => {
    await open(folderWithRun(), async (page) => {
      await show(page, `run/${RUN}`);
      await page
        .getByRole("link", { name: "Where M1 got worse than M0" })
        .click();
      await page.getByText("held-out question 2").waitFor();
      await page.getByText("wrong by M1").waitFor();
      expect(await page.getByText("held-out question 3").count()).toBe(0);
    });
  });

  test("takes verdicts on twenty pairs by keys, and goes on after the page was closed", async () => {
    await open(folderWithRun(), async (page) => {
      await show(page, `run/${RUN}`);
      await page
        .getByRole("link", { name: "Judge the judge yourself" })
        .click();
      await page.getByLabel("Your name").fill("Ada");
      await page.keyboard.press("Enter");
      const keys = ["ArrowLeft", "ArrowRight", "ArrowDown"];
      for (let done = 0; done < 20; done++) {
        await page.getByText(`${done} of ${PAIRS} reviewed`).waitFor();
        await page.keyboard.press(keys[done % keys.length] ?? "");
      }
      await page.getByText(`20 of ${PAIRS} reviewed`).waitFor();
      const summary = page.getByText("What came of it so far");
      expect(await page.getByText("equal: 6").isVisible()).toBe(false);
      await summary.click();
      await page.getByText("equal: 6").waitFor();
      // The last was better on the right; it is looked at once more.
      await page.keyboard.press("Backspace");
      await page.keyboard.press("ArrowDown");
      await page.getByText("equal: 7").waitFor();
      await page.reload();
      await page.getByText(`20 of ${PAIRS} reviewed`).waitFor();
      await summary.click();
      await page.getByText("verdicts: 20").waitFor();
      await page.getByText("equal: 7").waitFor();
    });
  });

  test("shows what a run writes while the page is open", async () => {
    const folder = temporaryFolder();
    const run = beginBrowsedRun(join(folder, RUN));
    try {
      await open(folder, async (page) => {
        await show(page, `run/${RUN}`);
        await page.getByText("following").waitFor();
        expect(await page.getByText("a prompt just written").count()).toBe(0);
        run.addPrompt("a prompt just written");
        await page.getByText("a prompt just written").waitFor();
      });
    } finally {
      run.end();
    }
  });

  test("what models wrote stays text, in every place that shows it", async () => {
    await open(folderWithRun(), async (page, faults) => {
      for (const address of ADDRESSES) {
        await show(page, address);
        expect(await page.locator("main script, main img").count()).toBe(0);
      }
      await show(page, `run/${RUN}/row/prompts/3`);
      expect(promptText(2)).toBe(HOSTILE);
      await page.getByText(HOSTILE, { exact: true }).first().waitFor();
      expect(await page.title()).not.toContain("owned");
      expect(faults).toEqual([]);
    });
  });

  test.each([
    ["en", "light"],
    ["en", "dark"],
    ["zh-CN", "light"],
    ["zh-CN", "dark"],
  ] as const)(
    "is readable in %s and %s, and no wider than a telephone",
    async (locale, colorScheme) => {
      const viewport = { width: 360, height: 740 };
      await open(
        folderWithRun(),
        async (page) => {
          for (const address of ADDRESSES) {
            await show(page, address);
            expect(
              await page.evaluate<number>(SCROLL_WIDTH),
            ).toBeLessThanOrEqual(viewport.width);
            const measured = await page.evaluate<Contrast[]>(MEASURE_CONTRASTS);
            expect(measured.length).toBeGreaterThan(5);
            expect(
              measured.filter(({ ratio, needed }) => ratio < needed),
            ).toEqual([]);
          }
          expect(await page.evaluate("document.documentElement.lang")).toBe(
            locale.slice(0, 2),
          );
        },
        { locale, colorScheme, viewport },
      );
    },
  );
});
