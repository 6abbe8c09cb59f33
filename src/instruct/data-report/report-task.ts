/**
 * @file One finished task as the data report looks at it.
 */
import type { Instance } from "../records.js";

export interface ReportTask {
  readonly id: string;
  readonly instruction: string;
  readonly isClassification: boolean;
  readonly instances: readonly Instance[];
}
