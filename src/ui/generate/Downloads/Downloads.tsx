import { filesOf } from "#checkpoints/manifest.ts";
import { type App, selectFamily, selectHeavyAsks } from "#state/app.ts";
import { partStatus } from "#state/engine.ts";
import { Button } from "#ui/shared/Button.tsx";
import { useApp, useStudio } from "#ui/shared/context.ts";
import { errorWords, PART_NAMES } from "#ui/shared/errorWords.ts";
import { bytesText } from "#ui/shared/format.ts";
import type { PartName } from "#workers/protocol.ts";
import styles from "./Downloads.module.css";

const SHOWN: readonly PartName[] = ["decoder", "light", "heavy"];

const sizeOf = (app: App, part: PartName): number => {
  const family = selectFamily(app);
  return (family && filesOf(family, part)?.reduce((sum, file) => sum + file.bytes, 0)) ?? 0;
};

/** How a part that is not there yet is doing; nothing once it is. */
function PartLine({ part }: { readonly part: PartName }) {
  const { session } = useStudio();
  const status = useApp((app) => partStatus(app.engine, app.settings.family, part));
  const bytes = useApp((app) => sizeOf(app, part));
  const asks = useApp((app) => part === "heavy" && selectHeavyAsks(app));
  const name = PART_NAMES[part];
  switch (status.status) {
    case "loaded":
      return null;
    case "absent":
      if (!asks) return null;
      return (
        <div className={styles.ask}>
          <p>
            This connection saves data, so the {name} ({bytesText(bytes)}) waits for your word. The light
            model draws without it.
          </p>
          <Button onClick={() => session.agreeToHeavy()}>Download {bytesText(bytes)}</Button>
        </div>
      );
    case "requested":
      return <p className={styles.line}>{name}: waiting for the download</p>;
    case "downloading": {
      const { loadedBytes, totalBytes, fromCache } = status;
      const text = fromCache
        ? "from this browser's store"
        : `${bytesText(loadedBytes)} of ${bytesText(totalBytes)}`;
      return (
        <div className={styles.line}>
          <p>
            <span>{name}</span>
            <span>{text}</span>
          </p>
          <progress
            className={styles.progress}
            value={loadedBytes}
            max={Math.max(1, totalBytes)}
            aria-label={`Download of the ${name}`}
          />
        </div>
      );
    }
    case "failed": {
      const { title, text } = errorWords(status.error);
      return (
        <div className={styles.failed} role="alert">
          <p>
            <b>
              {name}: {title.toLowerCase()}.
            </b>{" "}
            {text}
          </p>
          <Button onClick={() => session.retryDownload(part)}>Retry</Button>
        </div>
      );
    }
    default:
      return status satisfies never;
  }
}

/** Downloads that are under way, have failed, or wait to be agreed to. */
export function Downloads() {
  return (
    <div className={styles.lines}>
      {SHOWN.map((part) => (
        <PartLine key={part} part={part} />
      ))}
    </div>
  );
}
