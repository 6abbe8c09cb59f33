/**
 * @file `autodidact compare`: two files of answers set against each other.
 */
import { readGradedAnswers } from "../../evaluation/graded-answers.js";
import {
  compareSides,
  figuresOfSome,
  type Execution,
  type FigureComparison,
} from "../../evaluation/paired-comparison.js";
import { AutodidactError } from "../../foundation/error.js";
import { counted, fixed, signed } from "../../text/number-words.js";
import { defineCommand } from "../command.js";
import { SEED } from "../common-options.js";
import { integerOption, list } from "../options.js";

export const compareCommand = defineCommand({
  name: "compare",
  summary: "Set two files of answers against each other, prompt by prompt",
  description:
    "Both files have rows of {key, prompt or instruction, response or output, …}, as generate, judge and evaluate --suite write them, or are the answers of AlpacaEval, MT-Bench or Arena-Hard as those benchmarks keep them, judged or not. Every field with a number or a truth value is a figure, and so is the length of the answer. Each is printed with the difference B − A, its 95 % bootstrap interval over the prompts both sides have, and on how many prompts B is higher, equal and lower. Several answers to a prompt are averaged. With repeats of a side, the largest distance between two of its repeats stands beside the difference: one that is no larger shows nothing.",
  arguments: {
    a: {
      placeholder: "A",
      description: "The side to start from",
      required: true,
    },
    b: { placeholder: "B", description: "The other side", required: true },
  },
  options: {
    repeatA: list("FILE", "The same as A with another seed; several times"),
    repeatB: list("FILE", "The same as B with another seed; several times"),
    resamples: integerOption("N", "Bootstrap resamples of an interval", {
      min: 1,
      default: 2000,
    }),
    seed: SEED,
  },
  examples: {
    "autodidact compare judged-M1.jsonl judged-M3.jsonl":
      "Says whether M3 scores higher than M1, and by how much",
    "autodidact compare a-1.jsonl b-1.jsonl --repeat-a a-2.jsonl --repeat-b b-2.jsonl":
      "Puts the spread of two seeds a side beside the difference",
  },
  run: async (values, io) => {
    const read = (paths: readonly string[]): Promise<Execution[]> =>
      Promise.all(paths.map(readGradedAnswers));
    const left = await read([values.a, ...values.repeatA]);
    const right = await read([values.b, ...values.repeatB]);
    const figures = compareSides(left, right, values);
    const prompts = new Set(
      [...left, ...right].flatMap((one) => [...one.keys()]),
    );
    const paired = Math.max(0, ...figures.map((figure) => figure.prompts));
    if (paired === 0)
      throw new AutodidactError(
        "BAD_INPUT",
        `No prompt of ${values.a} is in ${values.b} with a figure of the same name. Give two files of answers to the same prompts, which name them by the same field.`,
        { a: values.a, b: values.b },
      );
    const alone = prompts.size - paired;
    if (alone > 0)
      io.remark(
        `${counted(alone, "prompt is", "prompts are")} not in every file and ${alone === 1 ? "does" : "do"} not count.`,
      );
    const some = figuresOfSome([...left, ...right]);
    if (some.length > 0)
      io.remark(
        `${some.join(", ")} ${some.length === 1 ? "is" : "are"} not in every file and ${some.length === 1 ? "is" : "are"} not compared.`,
      );
    io.print(shown(figures));
    io.printJson({ a: values.a, b: values.b, prompts: paired, alone, figures });
  },
});

function shown(figures: readonly FigureComparison[]): string {
  const width = Math.max(...figures.map(({ name }) => name.length));
  return figures
    .map((figure) => {
      const { name, left, right, difference, prompts, repeats } = figure;
      const { win, tie, lose } = figure.rightAgainstLeft;
      const line = `${name.padEnd(width)}  ${fixed(left, 3)} → ${fixed(right, 3)}  ${signed(difference.mean, 3)} [${signed(difference.low, 3)}, ${signed(difference.high, 3)}]  higher ${win}, equal ${tie}, lower ${lose} of ${counted(prompts, "prompt")}`;
      return repeats === null
        ? line
        : `${line}; repeats lie up to ${fixed(repeats, 3)} apart`;
    })
    .join("\n");
}
