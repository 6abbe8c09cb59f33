/**
 * @file What stands above a table: search, order, filters, columns. Each changes the state,
 * which lies in the address.
 */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { ColumnInfo } from "../../api/api.js";
import { useWords, worded } from "../language/words.js";
import { hiddenColumns, hiding, type TableState } from "../table-state.js";

interface ToolProps {
  readonly columns: readonly ColumnInfo[];
  readonly state: TableState;
  /** `quietly`: without a step of the browser's history. */
  readonly onState: (change: Partial<TableState>, quietly?: boolean) => void;
}

/** Milliseconds after the last letter before the search begins. */
const TYPING = 250;

/** A field that tells its text when one stops typing. */
export function SearchField(props: {
  readonly label: string;
  readonly value: string;
  readonly onSearch: (text: string) => void;
}): JSX.Element {
  const { label, value, onSearch } = props;
  const [text, setText] = useState(value);
  useEffect(() => {
    setText(value);
  }, [value]);
  useEffect(() => {
    if (text === value) return undefined;
    const timer = setTimeout(() => {
      onSearch(text);
    }, TYPING);
    return () => {
      clearTimeout(timer);
    };
  }, [text]);
  return (
    <label class="field search">
      <span>{label}</span>
      <input
        type="search"
        value={text}
        onInput={(event) => {
          setText(event.currentTarget.value);
        }}
      />
    </label>
  );
}

function SortFields({ columns, state, onState }: ToolProps): JSX.Element {
  const { m } = useWords();
  return (
    <>
      <label class="field">
        <span>{m.table.sort}</span>
        <select
          value={state.sort ?? ""}
          onChange={(event) => {
            const { value } = event.currentTarget;
            onState({ sort: value === "" ? null : value, after: null });
          }}
        >
          <option value="">{m.table.unsorted}</option>
          {columns
            .filter(({ sortable }) => sortable)
            .map(({ name }) => (
              <option key={name} value={name}>
                {worded(m.words.columns, name)}
              </option>
            ))}
        </select>
      </label>
      {state.sort === null ? null : (
        <label class="field">
          <span>{m.table.direction}</span>
          <select
            value={state.direction}
            onChange={(event) => {
              const down = event.currentTarget.value === "down";
              onState({ direction: down ? "down" : "up", after: null });
            }}
          >
            <option value="up">{m.table.sortUp}</option>
            <option value="down">{m.table.sortDown}</option>
          </select>
        </label>
      )}
    </>
  );
}

type Operator = "eq" | "ne" | "lt" | "le" | "gt" | "ge" | "has";

/** The conditions that make sense of a column; none where it cannot be filtered. */
function operatorsOf(column: ColumnInfo | undefined): readonly Operator[] {
  switch (column?.kind) {
    case undefined:
      return [];
    case "integer":
    case "number":
    case "reference":
      return ["eq", "ne", "lt", "le", "gt", "ge"];
    case "flag":
      return ["eq"];
    case "json":
      return ["has"];
    case "text":
      if (column.values !== null) return ["eq", "ne"];
      return column.sortable ? ["eq", "ne", "has"] : ["has"];
  }
}

function ValueField(props: {
  readonly column: ColumnInfo | undefined;
  readonly value: string;
  readonly onValue: (value: string) => void;
}): JSX.Element {
  const { m } = useWords();
  const { column, value, onValue } = props;
  const values =
    column?.kind === "flag" ? ["true", "false"] : (column?.values ?? null);
  return (
    <label class="field">
      <span>{m.table.value}</span>
      {values === null ? (
        <input
          value={value}
          inputMode={
            column?.kind === "number" || column?.kind === "integer"
              ? "decimal"
              : "text"
          }
          onInput={(event) => {
            onValue(event.currentTarget.value);
          }}
        />
      ) : (
        <select
          value={value}
          onChange={(event) => {
            onValue(event.currentTarget.value);
          }}
        >
          <option value="">–</option>
          {values.map((each) => (
            <option key={each} value={each}>
              {column?.kind === "flag"
                ? each === "true"
                  ? m.yes
                  : m.no
                : each}
            </option>
          ))}
        </select>
      )}
    </label>
  );
}

function NewFilter({ columns, state, onState }: ToolProps): JSX.Element {
  const { m } = useWords();
  const [name, setName] = useState("");
  const [chosen, setChosen] = useState<string>("");
  const [value, setValue] = useState("");
  const column = columns.find((each) => each.name === name);
  const operators = operatorsOf(column);
  const operator = operators.find((each) => each === chosen) ?? operators[0];
  return (
    <form
      class="new-filter"
      onSubmit={(event) => {
        event.preventDefault();
        if (operator === undefined || value === "") return;
        const filters = [...state.filters, `${name}:${operator}:${value}`];
        onState({ filters, after: null });
        setValue("");
      }}
    >
      <label class="field">
        <span>{m.table.column}</span>
        <select
          value={name}
          onChange={(event) => {
            setName(event.currentTarget.value);
            setValue("");
          }}
        >
          <option value="">–</option>
          {columns.map((each) => (
            <option key={each.name} value={each.name}>
              {worded(m.words.columns, each.name)}
            </option>
          ))}
        </select>
      </label>
      <label class="field">
        <span>{m.table.condition}</span>
        <select
          value={operator ?? ""}
          onChange={(event) => {
            setChosen(event.currentTarget.value);
          }}
        >
          {operators.map((each) => (
            <option key={each} value={each}>
              {m.table.operators[each]}
            </option>
          ))}
        </select>
      </label>
      <ValueField column={column} value={value} onValue={setValue} />
      <button type="submit" disabled={operator === undefined || value === ""}>
        {m.table.add}
      </button>
    </form>
  );
}

/** `margin is less than 1`, from `margin:lt:1`. */
function useFilterWords(): (filter: string) => string {
  const { m } = useWords();
  return (filter) => {
    const [column = "", operator = "", ...value] = filter.split(":");
    return [
      worded(m.words.columns, column),
      worded(m.table.operators, operator),
      value.join(":"),
    ].join(" ");
  };
}

function FilterChips({ state, onState }: ToolProps): JSX.Element | null {
  const { m } = useWords();
  const inWords = useFilterWords();
  if (state.filters.length === 0) return null;
  return (
    <ul class="chips">
      {state.filters.map((filter, index) => (
        <li key={`${filter} ${index}`}>
          <button
            type="button"
            aria-label={m.table.remove(inWords(filter))}
            onClick={() => {
              onState({
                filters: state.filters.filter((_, other) => other !== index),
                after: null,
              });
            }}
          >
            {inWords(filter)} <span aria-hidden="true">×</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

function ColumnChoice({ columns, state, onState }: ToolProps): JSX.Element {
  const { m } = useWords();
  const hidden = hiddenColumns(columns, state);
  return (
    <details class="choice">
      <summary>{m.table.columns}</summary>
      <div>
        {columns.map(({ name }) => {
          const isHidden = hidden.includes(name);
          return (
            <label key={name}>
              <input
                type="checkbox"
                checked={!isHidden}
                onChange={() => {
                  onState({
                    hide: hiding(
                      isHidden
                        ? hidden.filter((other) => other !== name)
                        : [...hidden, name],
                    ),
                  });
                }}
              />
              {worded(m.words.columns, name)}
            </label>
          );
        })}
      </div>
    </details>
  );
}

export function TableTools(props: ToolProps): JSX.Element {
  const { m } = useWords();
  const { columns, state, onState } = props;
  return (
    <div class="tools">
      <div class="tool-line">
        {columns.some(({ searched }) => searched) ? (
          <SearchField
            label={m.table.search}
            value={state.search}
            onSearch={(search) => {
              onState({ search, after: null }, true);
            }}
          />
        ) : null}
        <SortFields {...props} />
        <details class="choice">
          <summary>{m.table.filters}</summary>
          <NewFilter {...props} />
        </details>
        <ColumnChoice {...props} />
      </div>
      <FilterChips {...props} />
    </div>
  );
}
