/** How a version was measured to do, with every rig held out in turn. */
export interface Metrics {
  protocol?: string;
  records?: number;
  right?: number;
  wrong?: number;
  abstained?: number;
  healthy?: number;
  healthy_passed?: number;
  healthy_accused?: number;
  brier?: number;
  calibration_error?: number;
  rigs?: number;
  classes?: string[];
  /** Rows: what it was; columns: what was said, in the same order, then what it passed as healthy or left undecided. */
  confusion?: number[][];
}

/** What the JSON of a version says; empty where it says nothing that can be read. */
export function metricsOf(json: string | undefined): Metrics {
  try {
    const read: unknown = JSON.parse(json || '{}');
    return typeof read === 'object' && read !== null ? (read as Metrics) : {};
  } catch {
    return {};
  }
}

/** part / whole, where both are known. */
export const share = (part: number | undefined, whole: number | undefined): number | undefined =>
  part === undefined || !whole ? undefined : part / whole;
