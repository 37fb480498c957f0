/** A block of code in a page of documentation. */
export interface CodeBlock {
  /** The heading above it. */
  readonly heading: string;
  /** What stands behind the fence, such as `ts` or `ts ignore`. */
  readonly language: string;
  readonly code: string;
}

/** The fenced blocks of a page in Markdown, in order. */
export function codeBlocks(markdown: string): CodeBlock[] {
  const blocks: CodeBlock[] = [];
  let heading = "";
  let open: { language: string; lines: string[] } | null = null;
  for (const line of markdown.split("\n")) {
    const fence = /^```(.*)$/.exec(line);
    if (open === null) {
      if (fence !== null) open = { language: fence[1]!, lines: [] };
      else heading = /^#+ (.*)$/.exec(line)?.[1] ?? heading;
    } else if (line === "```") {
      blocks.push({ heading, language: open.language, code: open.lines.join("\n") });
      open = null;
    } else {
      open.lines.push(line);
    }
  }
  if (open !== null) throw new SyntaxError(`The block under "${heading}" has no end`);
  return blocks;
}
