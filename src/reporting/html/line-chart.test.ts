import { describe, expect, test } from "vitest";
import type { LineChart } from "./line-chart.js";
import { lineChart, spread } from "./line-chart.js";

const CHART: LineChart = {
  label: "belief and truth",
  lines: [
    {
      name: "truth",
      color: "var(--truth)",
      points: [
        { x: 0, y: 4, interval: [3.8, 4.2] },
        { x: 1, y: 3, interval: null },
      ],
    },
    {
      name: "self-reward",
      color: "var(--self)",
      points: [
        { x: 0, y: 3, interval: null },
        { x: 1, y: 4, interval: null },
      ],
    },
  ],
  xTicks: [
    { x: 0, text: "M1" },
    { x: 1, text: "M2" },
  ],
  width: 500,
  height: 300,
  format: (value) => value.toFixed(2),
  leastSpan: 1,
  marked: true,
  shadeExcess: true,
};

describe("lineChart", () => {
  test("is the same text for the same data", () => {
    expect(lineChart(CHART).text).toBe(lineChart(CHART).text);
  });

  test("names each line, writes each value and says its interval", () => {
    const { text } = lineChart(CHART);
    expect(text).toContain("M1, truth: 4.00 [3.80, 4.20]");
    expect(text).toContain("M2, self-reward: 4.00</title>");
    expect(text.match(/class="point"/g)).toHaveLength(4);
  });

  test("shades only where belief is above truth", () => {
    // The lines cross half way between the models, where both are 3.5, so the
    // shape is a triangle: the crossing and the two ends at M2.
    const shapes = [
      ...lineChart(CHART).text.matchAll(/class="excess"\s+d="([^"]+)"/g),
    ];
    expect(shapes).toHaveLength(1);
    const corners = shapes[0]?.[1]?.split(/[ML]/).filter(Boolean) ?? [];
    expect(corners).toHaveLength(3);
  });

  test("shades nothing for a model that thinks less of itself than it should", () => {
    const modest = CHART.lines.map((line) =>
      line.name === "truth"
        ? line
        : {
            ...line,
            points: line.points.map((point) => ({ ...point, y: 2 })),
          },
    );
    expect(lineChart({ ...CHART, lines: modest }).text).not.toContain(
      'class="excess"',
    );
  });

  test("leaves out a line without points", () => {
    const { text } = lineChart({
      ...CHART,
      lines: [...CHART.lines, { name: "nothing", color: "red", points: [] }],
    });
    expect(text).not.toContain("nothing");
  });

  test("writes no position that is not a number, even for one point", () => {
    const { text } = lineChart({
      ...CHART,
      lines: [
        {
          name: "truth",
          color: "red",
          points: [{ x: 0, y: 0, interval: null }],
        },
      ],
      xTicks: [{ x: 0, text: "M1" }],
    });
    expect(text).not.toMatch(/NaN|Infinity|undefined/);
  });
});

describe("spread", () => {
  test("moves labels apart around their middle and keeps their order", () => {
    expect(spread([10, 12], 14)).toEqual([4, 18]);
    // 12 above 10 stays above; 100 is far enough to be left alone.
    expect(spread([12, 10, 100], 14)).toEqual([18, 4, 100]);
  });

  test("moves a third label that the first two would push into", () => {
    // 0 and 2 become −6 and 8; 10 is then too close: all three centre on 4.
    expect(spread([0, 2, 10], 14)).toEqual([-10, 4, 18]);
  });
});
