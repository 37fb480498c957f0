/** Figures as text: for the terminal, and for RESULTS.md. */

import { compare, type Line, type RowFigures, unitOf } from "./figures.ts";
import type { Row } from "./row.ts";

/** What the figures were measured on. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly system: string;
  /** One line for each program with its version. */
  readonly versions: readonly string[];
  readonly date: string;
}

function number(value: number, unit: string): string {
  return value.toFixed(unit === "seconds" ? 3 : unit === "ms" ? 1 : value < 100 ? 1 : 0);
}

function ratioText(row: Row, line: Line): string {
  if (line.ratio === null) return "";
  return row.kind === "cold" ? `${line.ratio >= 0 ? "+" : ""}${line.ratio.toFixed(1)} ms` : line.ratio.toFixed(2);
}

function targetText(row: Row, line: Line): string {
  const parts: string[] = [];
  if (line.target !== null) parts.push(row.kind === "cold" ? `≤ +${line.target} ms` : `≥ ${line.target}`);
  if (line.memoryTarget !== null) parts.push(`≤ ${line.memoryTarget} MiB`);
  return parts.join(", ");
}

function verdict(line: Line): string {
  return line.reached === null ? "" : line.reached ? "yes" : "**no**";
}

/** A row as lines for the terminal. */
export function textOf(figures: RowFigures): string {
  const { row } = figures;
  const unit = unitOf(row);
  const lines = compare(figures).map((line) => {
    const cells = [
      `  ${line.name.padEnd(44)}`,
      `${number(line.figure, unit).padStart(9)} ${unit}`,
      line.cpu === null ? "" : `${line.cpu.toFixed(1).padStart(7)} µs`,
      line.peakMiB === null ? "" : `${line.peakMiB.toFixed(0).padStart(5)} MiB`,
      ratioText(row, line).padStart(8),
      targetText(row, line),
      verdict(line).replaceAll("*", ""),
    ];
    return cells.filter((cell) => cell !== "").join("  ").trimEnd();
  });
  const skipped = figures.skipped.map(({ name, reason }) => `  skipped ${name}: ${reason}`);
  return [`${row.id}: ${row.work}`, ...lines, ...skipped].join("\n");
}

/** A row as a section of RESULTS.md. */
export function markdownOf(figures: RowFigures): string {
  const { row } = figures;
  const unit = unitOf(row);
  const lines = compare(figures);
  const withCpu = lines.some(({ cpu }) => cpu !== null);
  const withPeak = lines.some(({ peakMiB }) => peakMiB !== null);
  const ratioName = row.kind === "cold" ? `beyond ${lines[0]?.name}` : "first ÷ this";
  const head = [
    "side",
    unit,
    "lowest – highest",
    ...(withCpu ? ["CPU µs/request"] : []),
    ...(withPeak ? ["peak MiB"] : []),
    ratioName,
    "target",
    "reached",
  ];
  const rows = lines.map((line) => [
    line.name,
    number(line.figure, unit),
    `${number(line.low, unit)} – ${number(line.high, unit)}`,
    ...(withCpu ? [line.cpu?.toFixed(1) ?? ""] : []),
    ...(withPeak ? [line.peakMiB?.toFixed(0) ?? ""] : []),
    ratioText(row, line),
    targetText(row, line),
    verdict(line),
  ]);
  const table = [head, head.map((_, i) => i === 0 || i >= head.length - 2 ? "---" : "--:"), ...rows]
    .map((cells) => `| ${cells.join(" | ")} |`).join("\n");
  const skipped = figures.skipped.map(({ name, reason }) => `\nSkipped: ${name} (${reason}).`).join("");
  return `### ${row.work} (\`${row.id}\`)\n\n${table}\n${skipped === "" ? "" : skipped + "\n"}`;
}

/** The whole of RESULTS.md. */
export function resultsPage(
  machine: Machine,
  effort: { readonly rounds: number; readonly seconds: number },
  all: readonly RowFigures[],
): string {
  const open = all.flatMap((figures) =>
    compare(figures).filter(({ reached }) => reached === false).map((line) =>
      `- \`${figures.row.id}\`, ${line.name}: ${ratioText(figures.row, line) || `${line.peakMiB?.toFixed(0)} MiB`}, ` +
      `target ${targetText(figures.row, line)}`
    )
  );
  return `<!-- Written by \`deno task bench\`. -->

# Results

- ${machine.date}, ${machine.processor}, ${machine.cores} cores, ${machine.system}
${machine.versions.map((version) => `- ${version}`).join("\n")}
- medians of ${effort.rounds} measurements of ${effort.seconds} s, the first side and another in turn; what is measured on one core,
  the load on another

Run it again with \`deno task bench --rounds ${effort.rounds} --seconds ${effort.seconds}\`; one row with
\`deno task bench --only ID\`. [README.md](README.md) says what the rows are, how to install the peers, and why a figure is
where it is. Ratios are medians of the rounds' ratios.

${open.length === 0 ? "Every target was reached." : `Targets that were not reached:\n\n${open.join("\n")}`}

${all.map(markdownOf).join("\n")}`;
}
