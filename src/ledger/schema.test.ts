import Libsql from "libsql";
import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { failureOf, temporaryLedgerPath } from "../../test/ledger/support.js";
import { LedgerDatabase } from "./database.js";
import { MIGRATIONS } from "./migrations.js";
import { isCurrent, migrate } from "./schema.js";
import { columnsOf, RECORDS, type TableName } from "./records.js";

const FIRST = { name: "first", sql: "CREATE TABLE a (x TEXT) STRICT" };
const SECOND = { name: "second", sql: "ALTER TABLE a ADD COLUMN y TEXT" };
const THIRD = { name: "third", sql: "CREATE TABLE b (x TEXT) STRICT" };

/** Opens the database at `path` for one action. */
function withDatabase<T>(
  path: string,
  action: (database: LedgerDatabase) => T,
): T {
  const database = new LedgerDatabase(path, "read-write");
  try {
    return action(database);
  } finally {
    database.close();
  }
}

function tablesIn(path: string): string[] {
  return withDatabase(path, (database) =>
    database
      .all("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
      .map(({ name }) => String(name)),
  );
}

test("runs only the steps that are not recorded, in order", () => {
  const path = temporaryLedgerPath();
  withDatabase(path, (database) => {
    migrate(database, [FIRST]);
    database.run("INSERT INTO a (x) VALUES ('kept')");
  });
  withDatabase(path, (database) => {
    migrate(database, [FIRST, SECOND, THIRD]);
    expect(database.all("SELECT x, y FROM a")).toEqual([
      { x: "kept", y: null },
    ]);
  });
  expect(tablesIn(path)).toEqual(["a", "b", "migrations"]);
});

test("undoes every new step when one fails", () => {
  const path = temporaryLedgerPath();
  withDatabase(path, (database) => {
    migrate(database, [FIRST]);
  });
  withDatabase(path, (database) => {
    expect(() => {
      migrate(database, [
        FIRST,
        THIRD,
        { name: "broken", sql: "CREATE TABLE" },
      ]);
    }).toThrow(/syntax|incomplete/);
  });
  expect(tablesIn(path)).toEqual(["a", "migrations"]);
});

test("refuses a ledger with more steps than the plan: a newer version wrote it", () => {
  const path = temporaryLedgerPath();
  withDatabase(path, (database) => {
    migrate(database, [FIRST, SECOND]);
  });
  const failure = withDatabase(path, (database) =>
    failureOf(() => {
      migrate(database, [FIRST]);
    }),
  );
  expect(failure.code).toBe("LEDGER");
  expect(failure.message).toContain("newer version");
  expect(failure.message).toContain(path);
});

test.each([
  ["another name", { ...FIRST, name: "renamed" }],
  ["another content", { ...FIRST, sql: `${FIRST.sql} ` }],
])(
  "refuses a recorded step with %s: history must be a prefix of the plan",
  (_what, first) => {
    const path = temporaryLedgerPath();
    withDatabase(path, (database) => {
      migrate(database, [FIRST]);
    });
    const failure = withDatabase(path, (database) =>
      failureOf(() => {
        migrate(database, [first, SECOND]);
      }),
    );
    expect(failure.code).toBe("LEDGER");
    expect(failure.message).toContain('"first"');
    expect(tablesIn(path)).toEqual(["a", "migrations"]);
  },
);

test("leaves the database of another program exactly as it is", () => {
  const path = temporaryLedgerPath();
  const other = new Libsql(path);
  other.exec("CREATE TABLE customers (name TEXT)");
  other.close();
  const before = readFileSync(path);
  const failure = withDatabase(path, (database) =>
    failureOf(() => {
      migrate(database, MIGRATIONS);
    }),
  );
  expect(failure.code).toBe("LEDGER");
  expect(failure.message).toContain("another program");
  expect(readFileSync(path).equals(before)).toBe(true);
});

test("takes an empty file for a new ledger", () => {
  const path = temporaryLedgerPath();
  writeFileSync(path, "");
  withDatabase(path, (database) => {
    migrate(database, [FIRST]);
  });
  expect(tablesIn(path)).toEqual(["a", "migrations"]);
});

test("tells a reader that a ledger is empty or older, and changes neither", () => {
  const path = temporaryLedgerPath();
  withDatabase(path, (database) => {
    expect(
      failureOf(() => {
        isCurrent(database, [FIRST]);
      }).message,
    ).toContain("nothing yet");
    migrate(database, [FIRST]);
    expect(isCurrent(database, [FIRST])).toBe(true);
    expect(isCurrent(database, [FIRST, THIRD])).toBe(false);
  });
  expect(tablesIn(path)).toEqual(["a", "migrations"]);
});

test("every member of every record has its column, and every column its member", () => {
  const path = temporaryLedgerPath();
  withDatabase(path, (database) => {
    migrate(database, MIGRATIONS);
    for (const table of Object.keys(RECORDS) as TableName[]) {
      const columns = database
        .all(
          `SELECT name, "notnull" AS required FROM pragma_table_info('${table}')`,
        )
        .filter(
          ({ name }) => !["id", "stage_id", "key"].includes(String(name)),
        );
      expect([table, columns.map(({ name }) => name)]).toEqual([
        table,
        columnsOf(table).map(({ column }) => column),
      ]);
      for (const { name, required } of columns) {
        const codec = columnsOf(table).find(
          ({ column }) => column === name,
        )?.codec;
        // A column that may be null is exactly one whose codec takes null.
        expect([table, name, takesNull(codec?.encode)]).toEqual([
          table,
          name,
          required === 0,
        ]);
      }
    }
  });
});

function takesNull(
  encode: ((value: unknown, where: string) => unknown) | undefined,
): boolean {
  // JSON has a null of its own; absence is what tells a nullable column.
  try {
    return encode?.(undefined, "probe") === null;
  } catch {
    return false;
  }
}
