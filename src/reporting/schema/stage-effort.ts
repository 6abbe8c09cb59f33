/**
 * @file What the stages of a run took: time, questions, tokens, money; as rows, and as
 * lines of a terminal.
 */
import type { z } from "zod";
import { formatDuration } from "../../text/durations.js";
import { formatMoney, roundedMoney } from "../../text/money.js";
import { count } from "../../text/number-words.js";
import type { stageSeconds, stageUsage } from "./parts.js";

type Usage = Readonly<z.infer<typeof stageUsage>>;
type Seconds = Readonly<z.infer<typeof stageSeconds>>;

export interface StageEffort extends Usage {
  /** Null for what was asked outside of stages. */
  readonly seconds: number | null;
}

/** Every stage that took time or asked, those outside of stages first. */
export function stageEfforts(
  usage: readonly Usage[] = [],
  stages: readonly Seconds[] = [],
): StageEffort[] {
  const asked = new Map(usage.map((each) => [each.stage, each]));
  const timed = new Set(stages.map(({ stage }) => stage));
  return [
    ...usage
      .filter(({ stage }) => !timed.has(stage))
      .map((each) => ({ ...each, seconds: null })),
    ...stages.map(({ stage, seconds }) => ({
      ...(asked.get(stage) ?? { ...NOTHING, stage }),
      seconds,
    })),
  ];
}

const NOTHING = { requests: 0, tokensIn: 0, tokensOut: 0, cost: 0 };

/** Rounds, models and seeds together: stages whose names end alike become one. */
export function ofAllRounds(efforts: readonly StageEffort[]): StageEffort[] {
  const sums = new Map<string, StageEffort>();
  for (const each of efforts) {
    const stage = each.stage.slice(each.stage.lastIndexOf("/") + 1);
    const sum = sums.get(stage) ?? { ...NOTHING, stage, seconds: 0 };
    sums.set(stage, {
      stage,
      seconds: (sum.seconds ?? 0) + (each.seconds ?? 0),
      requests: sum.requests + each.requests,
      tokensIn: sum.tokensIn + each.tokensIn,
      tokensOut: sum.tokensOut + each.tokensOut,
      cost: sum.cost + each.cost,
    });
  }
  return [...sums.values()];
}

export interface EffortColumn {
  readonly head: string;
  readonly width: number;
  readonly of: (effort: StageEffort) => string;
}

/** What stands for a number nobody knows. */
const UNKNOWN = "–";

/** Columns that terminal, card and page share; money only where some was spent. */
export function effortColumns(efforts: readonly StageEffort[]): EffortColumn[] {
  const columns: readonly EffortColumn[] = [
    { head: "requests", width: 9, of: ({ requests }) => count(requests) },
    { head: "tokens in", width: 12, of: ({ tokensIn }) => count(tokensIn) },
    { head: "tokens out", width: 12, of: ({ tokensOut }) => count(tokensOut) },
  ];
  const paid = efforts.some(({ cost }) => cost > 0);
  const money: EffortColumn = {
    head: "cost",
    width: 9,
    of: ({ cost }) => formatMoney(roundedMoney(cost)),
  };
  return paid ? [...columns, money] : [...columns];
}

/** Tokens generated a second; of a stage that generates none, those read. */
export const RATE: EffortColumn = {
  head: "tokens/s",
  width: 10,
  of: ({ seconds, tokensIn, tokensOut }) => {
    const tokens = tokensOut === 0 ? tokensIn : tokensOut;
    return seconds === null || seconds === 0 || tokens === 0
      ? UNKNOWN
      : count(tokens / seconds);
  },
};

/** A line of heads and one for each stage that asked; empty where none did. */
export function effortLines(efforts: readonly StageEffort[]): string[] {
  const asked = efforts.filter(({ requests }) => requests > 0);
  if (asked.length === 0) return [];
  const width = Math.max(...asked.map(({ stage }) => stage.length));
  const columns = [
    {
      head: "time",
      width: 14,
      of: ({ seconds }: StageEffort) =>
        seconds === null ? UNKNOWN : formatDuration(seconds),
    },
    ...effortColumns(asked),
    RATE,
  ];
  const line = (name: string, cells: readonly string[]): string =>
    `  ${name.padEnd(width)}${cells
      .map((cell, place) => cell.padStart(columns[place]?.width ?? 0))
      .join("")}`;
  return [
    line(
      "stage",
      columns.map(({ head }) => head),
    ),
    ...asked.map((effort) =>
      line(
        effort.stage,
        columns.map(({ of }) => of(effort)),
      ),
    ),
  ];
}
