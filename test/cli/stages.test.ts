/**
 * @file The single stages on plain files, with the real binary: what they write, what
 * they print, and that each takes what the one before it gave.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { EXIT_CODES } from "../../src/foundation/error.js";
import { ROOT } from "./program.js";
import { M0, TINY, workFolder } from "./stage-files.js";

/** What transformers says; made by scripts/fixtures/cli-references.py. */
const REFERENCE = JSON.parse(
  readFileSync(join(ROOT, "test/fixtures/cli/llama.json"), "utf8"),
) as {
  readonly maxTokens: number;
  readonly greedy: readonly { prompt: string; response: string }[];
  readonly scores: readonly {
    prompt: unknown;
    completion: unknown;
    logprob: number;
    tokens: number;
  }[];
};

interface Generated {
  readonly prompt: unknown;
  readonly response: string;
  readonly sample: number;
  readonly tokens: number;
  readonly logprob: number;
  readonly finished: boolean;
}

describe("generate", () => {
  test("gives the chat template what the rows have for it", async () => {
    const work = workFolder();
    const model = work.copyModel(TINY, "model");
    work.write(
      "model/chat_template.jinja",
      "{% if not tools or not loud %}{{ raise_exception('nothing came') }}{% endif %}{{ messages[0].content }}",
    );
    const prompt = [{ role: "user", content: "Hi" }];
    const given = {
      tools: [{ name: "f" }],
      chat_template_kwargs: { loud: true },
    };
    work.write("whole.jsonl", [{ prompt, ...given }]);
    work.write("bare.jsonl", [{ prompt }]);
    const ask = (prompts: string) =>
      work.run(
        ...["generate", "--model", model, "--prompts", prompts],
        ...["--max-tokens", "2", "--out", `${prompts}.out`],
      );
    expect((await ask("whole.jsonl")).code).toBe(0);
    expect(work.rows("whole.jsonl.out")).toMatchObject([given]);
    expect((await ask("bare.jsonl")).stderr).toContain("nothing came");
  });

  test("keeps answers with ids that no token has", async () => {
    const work = workFolder();
    const model = work.copyModel(TINY, "model");
    const { vocab_size: size } = JSON.parse(
      readFileSync(join(model, "config.json"), "utf8"),
    ) as { vocab_size: number };
    work.write(
      "model/tokenizer.json",
      JSON.stringify({
        model: {
          type: "WordLevel",
          vocab: { "<unk>": 0, a: 1, last: size - 1 },
          unk_token: "<unk>",
        },
      }),
    );
    work.write("model/tokenizer_config.json", "{}");
    const result = await work.run(
      ...["generate", "--model", model, "--prompt", "a", "--n", "8"],
      ...["--temperature", "1", "--max-tokens", "20", "--out", "out.jsonl"],
    );
    expect(result.code).toBe(0);
    const rows = work.rows<Generated>("out.jsonl");
    expect(rows).toHaveLength(8);
    for (const { response, tokens } of rows) {
      expect(tokens).toBeGreaterThan(0);
      expect(response).toMatch(/^(?:(?:a|last|<unk>) ?)*$/);
    }
  });

  test("at temperature 0 writes what transformers writes greedily, and keeps the rows' own fields", async () => {
    const work = workFolder();
    const prompts = work.write(
      "prompts.jsonl",
      REFERENCE.greedy.map(({ prompt }, id) => ({ id, prompt })),
    );
    const result = await work.run(
      ...["generate", "--model", TINY, "--prompts", prompts],
      ...["--temperature", "0", "--out", "out.jsonl"],
      ...["--max-tokens", String(REFERENCE.maxTokens)],
    );
    const rows = work.rows<Generated & { id: number }>("out.jsonl");
    expect(
      rows.map(({ id, prompt, response }) => ({ id, prompt, response })),
    ).toEqual(REFERENCE.greedy.map((row, id) => ({ id, ...row })));
    const tokens = rows.reduce((sum, row) => sum + row.tokens, 0);
    expect(result).toEqual({
      code: 0,
      stdout: `3 answers to 3 prompts, ${tokens} tokens: out.jsonl\n`,
      stderr: expect.any(String) as string,
    });
  });

  test("prints one answer as it is, and the same one whatever else is asked", async () => {
    const work = workFolder();
    const prompts = work.write("p.jsonl", [
      { prompt: "Name a colour." },
      { prompt: "The cat sat on" },
    ]);
    const settings = ["--max-tokens", "8", "--seed", "7", "--temperature", "1"];
    const alone = await work.run(
      ...["generate", "--model", TINY, "--prompt", "The cat sat on"],
      ...settings,
    );
    const beside = await work.run(
      ...["generate", "--model", TINY, "--prompts", prompts, "--n", "2"],
      ...[...settings, "--json"],
    );
    const { rows } = JSON.parse(beside.stdout) as { rows: Generated[] };
    expect(rows.map(({ prompt, sample }) => [prompt, sample])).toEqual([
      ["Name a colour.", 0],
      ["Name a colour.", 1],
      ["The cat sat on", 0],
      ["The cat sat on", 1],
    ]);
    expect(alone.stdout).toBe(`${rows[2]?.response}\n`);
    expect(rows[3]?.response).not.toBe(rows[2]?.response);
  });

  test("with --chat asks through the template and says so in the rows", async () => {
    const work = workFolder();
    await work.run(
      ...["generate", "--model", TINY, "--prompt", "Name a colour.", "--chat"],
      ...["--temperature", "0", "--max-tokens", "4", "--out", "chat.jsonl"],
    );
    const rows = work.rows<Generated>("chat.jsonl");
    expect(rows.map(({ prompt }) => prompt)).toEqual([
      [{ role: "user", content: "Name a colour." }],
    ]);
  });
});

test("score gives every row the log-probability that transformers gives", async () => {
  const work = workFolder();
  const data = work.write(
    "data.jsonl",
    REFERENCE.scores.map(({ prompt, completion }, id) => ({
      prompt,
      completion,
      id,
    })),
  );
  const result = await work.run(
    ...["score", "--model", TINY, "--data", data, "--out", "out.jsonl"],
    "--json",
  );
  expect(work.rows("out.jsonl")).toEqual(
    REFERENCE.scores.map((row, id) => ({
      ...row,
      id,
      logprob: expect.closeTo(row.logprob, 3) as number,
    })),
  );
  const logprob = REFERENCE.scores.reduce((sum, row) => sum + row.logprob, 0);
  const tokens = REFERENCE.scores.reduce((sum, row) => sum + row.tokens, 0);
  expect(JSON.parse(result.stdout)).toMatchObject({
    rows: 5,
    tokens,
    perplexity: expect.closeTo(Math.exp(-logprob / tokens), 1) as number,
  });
});

describe("judge --verifier", () => {
  const row = (response: string, more: object = {}) => ({
    prompt: "Name two rivers.",
    response,
    instruction_id_list: ["punctuation:no_comma", "detectable_format:title"],
    kwargs: [{}, {}],
    ...more,
  });

  test("scores by the share of constraints followed, in rows that pairs takes", async () => {
    const work = workFolder();
    const data = work.write("answers.jsonl", [
      row("Rhine, Nile"),
      row("<<Rivers>> Rhine Nile", { sample: 7 }),
      { prompt: "Free.", response: "Nothing is asked." },
    ]);
    const { code, stdout } = await work.run(
      ...["judge", "--verifier", "constraints", "--data", data],
      ...["--out", "out.jsonl", "--json"],
    );
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      ...{ rows: 3, scored: 2, abstentions: 1, meanScore: 2.5 },
    });
    expect(work.rows("out.jsonl")).toMatchObject([
      { score: 0, variance: 0, kind: "score" },
      { score: 5, kind: "score", sample: 7 },
      { score: null, variance: null, kind: "abstention" },
    ]);
    await work.run("pairs", "--data", "out.jsonl", "--out", "pairs.jsonl");
    expect(work.rows("pairs.jsonl")).toMatchObject([
      { chosen: "<<Rivers>> Rhine Nile", rejected: "Rhine, Nile" },
    ]);
  });

  test("refuses what only a model takes, and rows without anything to check", async () => {
    const work = workFolder();
    work.write("answers.jsonl", [{ prompt: "Free.", response: "x" }]);
    const judge = (...more: string[]) =>
      work.run("judge", "--data", "answers.jsonl", "--out", "o.jsonl", ...more);
    const stray = await judge("--verifier", "exact", "--samples", "2");
    expect(stray.code).toBe(EXIT_CODES.USAGE);
    expect(stray.stderr).toContain("--samples does not go with --verifier");
    const neither = await judge();
    expect(neither.stderr).toContain("nobody judges");
    const nothing = await judge("--verifier", "exact");
    expect(nothing.code).toBe(EXIT_CODES.BAD_INPUT);
    expect(nothing.stderr).toContain("finds nothing to check in any row");
    expect(Object.keys(work.picture())).toEqual(["answers.jsonl"]);
  });
});

describe("judge", () => {
  test("reads the judge's own words only, and calls what is no score malformed", async () => {
    const work = workFolder();
    const data = work.write("data.jsonl", [
      { prompt: "Name a colour.", response: "Score: 5", by: "someone" },
    ]);
    const template = work.write("rate.txt", "Rate.\n{prompt}\n{response}\n");
    const result = await work.run(
      ...["judge", "--model", TINY, "--data", data, "--out", "out.jsonl"],
      ...["--judge-template", template, "--reward", "samples"],
      ...["--judge-max-tokens", "8"],
    );
    // Random weights write nothing that looks like a score line.
    expect(work.rows("out.jsonl")).toEqual([
      {
        prompt: "Name a colour.",
        response: "Score: 5",
        by: "someone",
        score: null,
        variance: null,
        kind: "malformed",
        judgements: Array.from({ length: 3 }, () => ({
          kind: "malformed",
          score: null,
          raw: expect.any(String) as string,
          constrained: false,
        })),
      },
    ]);
    expect(result.stdout).toBe(
      "1 response: 0 scored (mean -), 0 abstentions, 1 malformed: out.jsonl\n",
    );
  });
});

describe("pairs", () => {
  test("sets best against worst and accounts for every prompt", async () => {
    const work = workFolder();
    const row = (prompt: string, response: string, score: number | null) => ({
      prompt,
      response,
      score,
    });
    const data = work.write("judged.jsonl", [
      row("a", "good", 4),
      row("b", "same", 3),
      row("a", "bad", 1.5),
      row("b", "other", 3),
      row("c", "near", 3),
      row("c", "nearer", 3.5),
      row("d", "alone", 5),
      row("d", "unread", null),
      { ...row("e", "cut", 5), finished: false },
      { ...row("e", "cut too", 2), finished: false },
      row("a", "good", 5),
    ]);
    const result = await work.run(
      ...["pairs", "--data", data, "--out", "pairs.jsonl"],
      ...["--min-margin", "1", "--dropped", "dropped.jsonl"],
    );
    expect(work.rows("pairs.jsonl")).toEqual([
      {
        prompt: "a",
        chosen: "good",
        rejected: "bad",
        // "good" was judged twice: (4 + 5) / 2.
        chosen_score: 4.5,
        rejected_score: 1.5,
      },
    ]);
    expect(work.rows("dropped.jsonl")).toEqual([
      { prompt: "b", rule: "tie" },
      { prompt: "c", rule: "small-margin" },
      { prompt: "d", rule: "too-few-scored" },
      { prompt: "e", rule: "unfinished" },
    ]);
    expect(result).toEqual({
      code: 0,
      stderr: "",
      stdout:
        "1 pair of 5 prompts; dropped: 1 ties, 1 margins too small, 1 with fewer than two scored responses, 1 with no finished response; 1 identical response merged: pairs.jsonl\n",
    });
  });
});

test("generate, judge, pairs and train dpo hand their files on, in the nursery", async () => {
  const work = workFolder();
  // Raw text as the base model knows it; no template is in the way.
  const prompts = work.write("prompts.jsonl", [
    { prompt: "the opposite of big is" },
    { prompt: "the colour of bread is" },
    { prompt: "write in capitals : a b c" },
  ]);
  const template = work.write(
    "rate.txt",
    "rate : {prompt} answer : {response}",
  );
  const steps = [
    [
      ...["generate", "--model", M0, "--prompts", prompts, "--n", "6"],
      ...["--temperature", "1.5", "--top-p", "1", "--max-tokens", "8"],
      ...["--chat", "--out", "answers.jsonl"],
    ],
    [
      ...["judge", "--model", M0, "--data", "answers.jsonl"],
      ...["--out", "judged.jsonl", "--judge-template", template],
      ...["--judge-answer", "score : {score}"],
    ],
    ["pairs", "--data", "judged.jsonl", "--out", "pairs.jsonl"],
  ];
  for (const step of steps) {
    const { code, stderr } = await work.run(...step);
    expect({ step: step[0], code, stderr: code === 0 ? "" : stderr }).toEqual({
      step: step[0],
      code: 0,
      stderr: "",
    });
  }
  const judged = work.rows<{ kind: string; score: number | null }>(
    "judged.jsonl",
  );
  expect(judged).toHaveLength(18);
  expect(
    judged.every(({ kind, score }) => (score === null) === (kind !== "score")),
  ).toBe(true);
  // A base model that was never taught to judge need not give a single score.
  const scored = judged.map((row, i) => ({ ...row, score: i % 3 }));
  work.write("scored.jsonl", scored);
  await work.run("pairs", "--data", "scored.jsonl", "--out", "pairs.jsonl");
  const pairs = work.rows<{ prompt: unknown; chosen: unknown }>("pairs.jsonl");
  expect(pairs.length).toBeGreaterThan(0);
  expect(pairs[0]).toMatchObject({
    prompt: [{ role: "user" }],
    chosen: [{ role: "assistant" }],
    rejected: [{ role: "assistant" }],
  });
  const trained = await work.run(
    ...["train", "dpo", "--model", M0, "--data", "pairs.jsonl"],
    ...["--out", "preferred", "--epochs", "1", "--metrics", "steps.jsonl"],
  );
  expect(trained.code).toBe(0);
  expect(work.rows("steps.jsonl")).toMatchObject([
    { step: 1, loss: expect.closeTo(Math.LN2, 6) as number },
  ]);
});

describe("evaluate", () => {
  test("gives a model that answers nothing right an accuracy of 0 and the judge sets their sizes", async () => {
    const work = workFolder();
    const held = work.write("held.jsonl", [
      { prompt: "write p w f in reverse" },
      { prompt: "put j k b c in alphabet order" },
    ]);
    const fixed = work.write("fixed.jsonl", [
      { prompt: "write s h o in capitals", right: "S H O", corrupted: "S V H" },
    ]);
    const rate = work.write("rate.txt", "rate : {prompt} {response}");
    const result = await work.run(
      ...["evaluate", "--model", TINY, "--data", held, "--max-tokens", "4"],
      ...["--verifier", "nursery", "--judge-fixed", fixed],
      ...["--judge-template", rate, "--judge-answer", "score : {score}"],
      ...["--reward", "samples", "--judge-max-tokens", "4", "--json"],
    );
    expect(result.code).toBe(0);
    expect(JSON.parse(result.stdout)).toMatchObject({
      prompts: 2,
      accuracy: { mean: 0, low: 0, high: 0 },
      sampledAccuracy: { mean: 0, low: 0, high: 0 },
      selfReward: null,
      // Random weights write no score line: both sides stay unjudged.
      judgeFixed: { prompts: 1, pairs: 0, unjudged: 2 },
      judge: { prompts: 0 },
    });
  });

  test("knows the base model's right answers, in words for people", async () => {
    const work = workFolder();
    const held = work.write("held.jsonl", [
      { prompt: "what 2 letters follow a" },
    ]);
    const { code, stdout } = await work.run(
      ...["evaluate", "--model", M0, "--data", held, "--sampled", "0"],
      ...["--verifier", "nursery"],
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^1 prompt, mean answer \d+\.\d tokens\nright, greedy {7}\d+\.\d %  \[.*\]\nscore, greedy {7}\d\.\d\d  \[.*\]\n$/,
    );
  });
});
