import { useState } from "react";
import type { LiveRun } from "#state/finetune/training.ts";
import type { Pixels } from "#state/pixels.ts";
import { PixelCanvas } from "#ui/shared/PixelCanvas.tsx";
import head from "../head.module.css";
import styles from "./Samples.module.css";

/** What the base and the run draw of the same seeds; a slider goes back through the looks. */
export function Samples({ run: { plan, base, pictures, looks } }: { readonly run: LiveRun }) {
  /** Place among the looks; null follows the newest. */
  const [at, setAt] = useState<number | null>(null);
  const place = Math.min(at ?? pictures.length - 1, pictures.length - 1);
  const shown = pictures[place];
  const { watch } = plan;
  if (!base && !shown) return null;
  const look = looks.find(({ step }) => step === shown?.step);
  const alike = look?.similarity?.sNormalised.value;
  return (
    <section className={styles.samples} aria-labelledby="samples">
      <div className={head.head}>
        <h3 id="samples">The same seeds</h3>
        {pictures.length > 1 && (
          <label className={styles.slider}>
            <span>after {shown?.step ?? 0} steps</span>
            <input
              type="range"
              min={0}
              max={pictures.length - 1}
              value={place}
              aria-valuetext={`after ${shown?.step ?? 0} steps`}
              onChange={({ currentTarget }) => {
                const next = currentTarget.valueAsNumber;
                setAt(next === pictures.length - 1 ? null : next);
              }}
            />
          </label>
        )}
        {alike !== undefined && <p className={styles.alike}>s_norm {alike.toFixed(3)} to the base</p>}
      </div>
      <div className={styles.rows}>
        {base && <Row title="Base" pictures={base} seeds={watch.pictures.map(({ seed }) => seed)} />}
        {shown && (
          <Row
            title={`Step ${shown.step}`}
            pictures={shown.pictures}
            seeds={watch.pictures.map(({ seed }) => seed)}
          />
        )}
      </div>
    </section>
  );
}

function Row({
  title,
  pictures,
  seeds,
}: {
  readonly title: string;
  readonly pictures: readonly Pixels[];
  readonly seeds: readonly number[];
}) {
  return (
    <>
      <p className={styles.title}>{title}</p>
      <ul className={styles.row}>
        {pictures.map((pixels, place) => (
          <li key={seeds[place]}>
            <PixelCanvas pixels={pixels} name={`${title}, seed ${seeds[place]}`} />
          </li>
        ))}
      </ul>
    </>
  );
}
