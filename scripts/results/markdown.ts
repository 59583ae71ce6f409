/** A Markdown table; a cell's bar is escaped. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const print = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [print(head), print(head.map(() => "---")), ...rows.map(print)].join("\n");
}

/** What a reader opens who wants it. */
export const folded = (title: string, body: string): string =>
  `<details><summary>${title}</summary>\n\n${body}\n\n</details>`;
