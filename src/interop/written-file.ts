/**
 * @file What an export says of each file that it wrote.
 */
export interface WrittenFile {
  readonly path: string;
  /** Rows, steps or samples in it. */
  readonly rows: number;
}
