/** The pages there are, as addresses name them. */
const PAGES = ["generate", "compare", "finetune", "models"] as const;
export type Page = (typeof PAGES)[number];

/** The page that a hash names; one that names none, or none that there is, is the first. Total. */
export function pageOf(hash: string): Page {
  const name = /^#\/([a-z]+)/.exec(hash)?.[1];
  return PAGES.find((page) => page === name) ?? "generate";
}
