import fc from "fast-check";
import { expect, test } from "vitest";
import { addressOf, parseRoute } from "./route.js";
import { readTableState, tableAddress } from "./table-state.js";

test("an address gives back the path and the values it was made of", () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ minLength: 1, unit: "grapheme" }), { maxLength: 4 }),
      fc.array(fc.string({ minLength: 1, unit: "grapheme" }), { maxLength: 3 }),
      (path, filter) => {
        const route = parseRoute(addressOf(path, { filter }));
        expect(route.path).toEqual(path);
        expect(route.query.getAll("filter")).toEqual(filter);
      },
    ),
  );
});

test("a broken address is read as it stands", () => {
  expect(parseRoute("#/run/%E0%A4%A?x=%").path).toEqual(["run", "%E0%A4%A"]);
});

test("a table's state survives its address", () => {
  const state = {
    sort: "margin",
    direction: "down" as const,
    filters: ["margin:lt:1", "origin:eq:a:b&c"],
    search: "50 % #1?",
    hide: ["key", "evidence"],
    open: 12,
    after: "cursor+/=",
  };
  const { path, query } = parseRoute(tableAddress("a/b", "pairs", state));
  expect(path).toEqual(["run", "a/b", "table", "pairs"]);
  expect(readTableState(query)).toEqual(state);
});
