import { printHash } from "#state/hash.ts";
import { useApp } from "#ui/shared/context.ts";
import { EngineBadge } from "./EngineBadge.tsx";
import styles from "./Header.module.css";
import { HelpDialog } from "./HelpDialog.tsx";
import { SiteDialog } from "./SiteDialog.tsx";
import { ThemeMenu } from "./ThemeMenu.tsx";

/** Name, pages, engine, and what concerns the page as a whole. */
export function Header() {
  const address = useApp((app) => printHash(app.settings));
  const page = useApp((app) => app.page);
  return (
    <header className={styles.header}>
      <a className={styles.name} href="./" aria-label="steadyflow, start page">
        <svg width="28" height="28" viewBox="0 0 32 32" aria-hidden="true">
          <rect width="32" height="32" rx="9" className={styles.mark} />
          <path d="M6 23C14 23 12 10 25 9.5" className={styles.path} />
          <circle cx="25.2" cy="9.5" r="2.8" className={styles.dot} />
        </svg>
        <span>steadyflow</span>
      </a>
      <nav aria-label="Pages" className={styles.nav}>
        <a href={address} aria-current={page === "generate" ? "page" : undefined}>
          Generate
        </a>
        <a href="#/compare" aria-current={page === "compare" ? "page" : undefined}>
          Compare
        </a>
        <a href="#/finetune" aria-current={page === "finetune" ? "page" : undefined}>
          Fine-tune
        </a>
        <a href="#/models" aria-current={page === "models" ? "page" : undefined}>
          Models
        </a>
      </nav>
      <div className={styles.right}>
        <EngineBadge />
        <HelpDialog />
        <ThemeMenu />
        <SiteDialog />
      </div>
    </header>
  );
}
