/** What comes out of a measurement, and what it is compared with. */

import type { Row } from "./row.ts";

/** What one side reached. */
export interface SideFigures {
  readonly name: string;
  readonly values: readonly number[];
  /** What the first side reached just before each of them; empty for the first side itself. */
  readonly against: readonly number[];
  /** Microseconds of processor time for each request; servers only. */
  readonly cpu: readonly number[];
  /** In MiB; 0 where it was not measured. */
  readonly peakMiB: number;
}

/** What a row came to. */
export interface RowFigures {
  readonly row: Row;
  /** The sides that ran, the first side of the row first. */
  readonly sides: readonly SideFigures[];
  /** What was not there. */
  readonly skipped: readonly { readonly name: string; readonly reason: string }[];
}

/** One line of a table. */
export interface Line {
  readonly name: string;
  readonly figure: number;
  readonly low: number;
  readonly high: number;
  readonly cpu: number | null;
  readonly peakMiB: number | null;
  /** What the first side is to this one, in times; in milliseconds beyond the first for a cold start. `null` for the first. */
  readonly ratio: number | null;
  readonly target: number | null;
  readonly memoryTarget: number | null;
  /** `null` where there is nothing to reach. */
  readonly reached: boolean | null;
}

/** The middle value. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The unit of a row's figures. */
export function unitOf(row: Row): string {
  return row.kind === "cold" ? "ms" : row.unit;
}

/**
 * Compares the sides. A ratio is the median of the ratios of the rounds, not the ratio of the medians: a machine that slows
 * down in between slows both sides of a round.
 */
export function compare({ row, sides }: RowFigures): Line[] {
  return sides.map((side, index) => {
    const declared = row.sides.find(({ name }) => name === side.name)!;
    const figure = median(side.values);
    const isFirst = index === 0;
    const rounds = isFirst ? [] : side.values.map((value, round) => {
      const ours = side.against[round]!;
      if (row.kind === "cold") return value - ours;
      return unitOf(row) === "seconds" ? value / ours : ours / value;
    });
    const ratio = isFirst ? null : median(rounds);
    const target = "atMostOver" in declared ? declared.atMostOver ?? null : declared.atLeast ?? null;
    const memoryTarget = declared.atMostMiB ?? null;
    const verdicts: boolean[] = [];
    if (ratio !== null && target !== null) verdicts.push(row.kind === "cold" ? ratio <= target : ratio >= target);
    if (memoryTarget !== null && side.peakMiB > 0) verdicts.push(side.peakMiB <= memoryTarget);
    return {
      name: side.name,
      figure,
      low: Math.min(...side.values),
      high: Math.max(...side.values),
      cpu: side.cpu.length === 0 ? null : median(side.cpu),
      peakMiB: side.peakMiB === 0 ? null : side.peakMiB,
      ratio,
      target,
      memoryTarget,
      reached: verdicts.length === 0 ? null : verdicts.every(Boolean),
    };
  });
}
