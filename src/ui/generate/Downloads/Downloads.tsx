import { partStatus, partsAsked } from "#state/engine.ts";
import { useApp } from "#ui/shared/context.ts";
import { errorWords, partName } from "#ui/shared/errorWords.ts";
import { bytesText } from "#ui/shared/format.ts";
import type { PartName } from "#workers/protocol.ts";
import styles from "./Downloads.module.css";

/** How a part that is not there yet is doing; nothing once it is. */
function PartLine({ part, family }: { readonly part: PartName; readonly family: string }) {
  const status = useApp((app) => partStatus(app.engine, family, part));
  const name = partName(part);
  switch (status.status) {
    case "loaded":
    case "absent":
      return null;
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
    case "failed":
      return (
        <p className={styles.failed}>
          {name}: {errorWords(status.error).title.toLowerCase()}
        </p>
      );
    default:
      return status satisfies never;
  }
}

export interface DownloadsProps {
  readonly family: string;
}

/** Downloads of a family's parts that are under way or have failed. */
export function Downloads({ family }: DownloadsProps) {
  const engine = useApp((app) => app.engine);
  return (
    <div className={styles.lines}>
      {partsAsked(engine, family).map((part) => (
        <PartLine key={part} part={part} family={family} />
      ))}
    </div>
  );
}
