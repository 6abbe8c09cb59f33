/**
 * @file What computes a run, explained before anything is started.
 */
export interface ExplainedEngine {
  readonly kind: string;
  /** For people, a sentence. */
  readonly does: string;
  /** Started beside this process at one time; 0 where it computes itself. */
  readonly processes: number;
  readonly gpus: number;
  /** Where processes are started; null where none is. */
  readonly launcher: string | null;
  /** The exact command of one process, with words in capitals for what is not known yet; null where none is started. */
  readonly command: readonly string[] | null;
  /** Variables added to its environment. */
  readonly env: Readonly<Record<string, string>>;
}

/** The embedded engine for either half of a run. */
export function explainEmbedded(does: string): ExplainedEngine {
  return {
    ...{ kind: "embedded", does, processes: 0, gpus: 0, launcher: null },
    ...{ command: null, env: {} },
  };
}
