import { useMemo } from "react";
import { SCORE_NAMES, type ScoreName, type Scores, scoreValues } from "#state/finetune/scores.ts";
import { scoreText } from "../scoreText.ts";
import { SCORE_WORDS } from "../words.ts";
import styles from "./Histograms.module.css";
import { histogram } from "./histogram.ts";
import { useKept } from "./useKept.ts";

/** How the scores are spread, and which of them are kept. */
export function Histograms({ scores }: { readonly scores: Scores }) {
  const { mask } = useKept();
  return (
    <div className={styles.histograms}>
      {SCORE_NAMES.map((name) => {
        const values = scoreValues(scores, name);
        return values && <Histogram key={name} name={name} values={values} mask={mask} />;
      })}
    </div>
  );
}

const HEIGHT = 120;

function Histogram({
  name,
  values,
  mask,
}: {
  readonly name: ScoreName;
  readonly values: Float64Array;
  readonly mask: Uint8Array | null;
}) {
  const { bins, low, high, median, isLog } = useMemo(() => histogram(values, mask), [values, mask]);
  const most = Math.max(1, ...bins.map(({ kept, dropped }) => kept + dropped));
  const { title, symbol, text } = SCORE_WORDS[name];
  const width = 100 / bins.length;
  return (
    <figure className={styles.figure}>
      <figcaption>
        <b>
          {title} <i>{symbol}</i>
        </b>
        <small>
          {text}.{isLog && " Logarithmic axis."}
        </small>
      </figcaption>
      <svg
        viewBox={`0 0 100 ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${title}: from ${scoreText(low)} to ${scoreText(high)}, median ${scoreText(median)}; kept and dropped in ${bins.length} bins${isLog ? " of equal ratio" : ""}.`}
      >
        {bins.map(({ from, kept, dropped }, place) => {
          const scale = (HEIGHT - 2) / most;
          const x = place * width + 0.08 * width;
          return (
            <g key={from}>
              <rect
                x={x}
                width={0.84 * width}
                y={HEIGHT - kept * scale}
                height={kept * scale}
                className={styles.kept}
              />
              <rect
                x={x}
                width={0.84 * width}
                y={HEIGHT - (kept + dropped) * scale}
                height={dropped * scale}
                className={styles.dropped}
              />
            </g>
          );
        })}
      </svg>
      <div className={styles.axis} aria-hidden="true">
        <span>{scoreText(low)}</span>
        <span>median {scoreText(median)}</span>
        <span>{scoreText(high)}</span>
      </div>
    </figure>
  );
}
