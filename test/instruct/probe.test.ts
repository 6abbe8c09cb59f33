/**
 * @file Before the bulk is asked for, an instruction goes through every stage.
 */
import { describe, expect, it } from "vitest";
import { rememberingAuthor } from "../../src/pipelines/instruct-stages/author.js";
import { Budget } from "../../src/endpoints/spending/budget.js";
import { instruct } from "./instruct-command.js";
import { recordedServer } from "./recorded-server.js";
import {
  datasetHashes,
  opener,
  runInstruct,
  runOptions,
  testFolders,
} from "./run-folder.js";
import { scriptedAuthor } from "./scripted-author.js";

const folder = testFolders();

const STAGES = {
  sorting: (prompt: string) => prompt.endsWith("Classification:"),
  instances: (prompt: string) =>
    !prompt.endsWith("Classification:") && !/\n\d+\.$/u.test(prompt),
};

describe("a server that refuses the requests of a later stage", () => {
  it.each(Object.entries(STAGES))(
    "ends the run of %s with its own words before the bulk is bought",
    async (stage, refusing) => {
      let refused = true;
      const server = await recordedServer(
        () => false,
        (prompt) => refused && refusing(prompt),
      );
      const place = await folder();
      const words = [
        ...["--endpoint", server.url, "--model", "m", "--style", "completion"],
        ...["--accept", "60"],
      ];
      try {
        const { code, stderr } = await instruct(place, ...words);
        expect(code).toBe(9);
        expect(stderr).toContain(`No request for ${stage} was answered`);
        expect(stderr).toContain("`top_p` must be > 0.0 and < 1.0");
        expect(server.answered.size).toBeLessThan(20);

        // What was bought by then is part of the run.
        refused = false;
        expect((await instruct(place, ...words)).code).toBe(0);
        const times = [...server.answered.values()];
        expect(times.every((each) => each === 1)).toBe(true);
      } finally {
        await server.close();
      }
    },
  );
});

describe("a model in this process", () => {
  const settings = { accept: 12, seed: 3 };

  /** A run of `author` within limits, which are those of all its processes. */
  const run = (
    place: string,
    author: ReturnType<typeof scriptedAuthor>,
    limits: ConstructorParameters<typeof Budget>[0],
  ) =>
    runInstruct(
      runOptions(
        place,
        ({ store, spent }, use) =>
          use(
            rememberingAuthor(author, {
              store,
              budget: new Budget(limits, {
                requests: spent.calls,
                tokens: spent.tokensIn + spent.tokensOut,
                costMicros: spent.cost,
              }),
              style: "completion",
              signal: new AbortController().signal,
            }),
          ),
        settings,
      ),
    );

  it("is held to a limit of requests, and goes on with a higher one to the same end", async () => {
    const place = await folder();
    const author = scriptedAuthor();
    await expect(run(place, author, { maxRequests: 15 })).rejects.toMatchObject(
      { code: "BUDGET" },
    );
    expect(author.asked).toHaveLength(15);
    await run(place, author, { maxRequests: 1000 });

    const whole = await folder();
    const other = scriptedAuthor();
    await runInstruct(runOptions(whole, opener(other), settings));
    expect(author.asked).toHaveLength(other.asked.length);
    expect(await datasetHashes(place)).toEqual(await datasetHashes(whole));
  });

  it("is held to a limit of tokens", async () => {
    const whole = await run(await folder(), scriptedAuthor(), {});
    const maxTokens = whole.spent.tokensOut - 1;
    const author = scriptedAuthor();
    await expect(
      run(await folder(), author, { maxTokens }),
    ).rejects.toMatchObject({ code: "BUDGET" });
    expect(author.asked.length).toBeGreaterThan(0);
    expect(author.asked.length).toBeLessThan(whole.spent.calls);
  });

  it("is not limited in money, which it does not cost", async () => {
    const { code, stderr } = await instruct(
      await folder(),
      ...["--model", "nursery/m0", "--max-cost", "1"],
    );
    expect(code).toBe(2);
    expect(stderr).toContain("costs no money");
  });

  it("is held to the limits of the command line", async () => {
    const { code, stderr } = await instruct(
      await folder(),
      ...["--model", "nursery/m0", "--language", "nursery", "--accept", "4"],
      ...["--max-requests", "1"],
    );
    expect(code).toBe(10);
    expect(stderr).toContain("The limit of 1 requests is reached");
  });
});
