import { CELL_VIEWS } from "#compare/settings.ts";
import { IconButton } from "#ui/shared/Button.tsx";
import { Segmented } from "#ui/shared/Segmented.tsx";
import { useComparison, useComparisons, useLook, useLookStore } from "../context.ts";
import { FULL_AT } from "../Grid/difference.ts";
import { ZOOMS } from "../Grid/layout.ts";
import { isMetricName, METRICS, type Metric, metricsAt } from "../metrics.ts";
import { Note } from "../Notes/Note.tsx";
import { CIVIDIS_GRADIENT, MAGMA_GRADIENT } from "../scale.ts";
import { VIEW_WORDS } from "../words.ts";
import styles from "./Toolbar.module.css";

const VIEWS = CELL_VIEWS.map((value) => ({ value, ...VIEW_WORDS[value] }));

const isZoom = (zoom: number) => ZOOMS.some((one) => one === zoom);

/** What the colours of differences mean. */
function DifferenceLegend() {
  return (
    <p
      className={styles.legend}
      title={`Largest difference of red, green and blue in levels of 0 to 255; from ${FULL_AT} on it is brightest`}
    >
      <span>0</span>
      <span className={styles.ramp} style={{ background: MAGMA_GRADIENT }} />
      <span>{FULL_AT}+</span>
    </p>
  );
}

/** The pause of blinking; with it stopped, either picture can be looked at for as long as one likes. */
function BlinkControls() {
  const look = useLookStore();
  const { blinking, blinked } = useLook((state) => state);
  return (
    <p className={styles.legend}>
      <IconButton
        icon={blinking ? "pause" : "play"}
        label={blinking ? "Stop blinking" : "Blink"}
        onClick={() => look.setState({ blinking: !blinking })}
      />
      {!blinking && (
        <button
          type="button"
          className={styles.swap}
          aria-pressed={blinked}
          onClick={() => look.setState({ blinked: !blinked })}
        >
          {blinked ? "compared picture" : "own picture"}
        </button>
      )}
    </p>
  );
}

/** Where the line of the slider stands, for hands that have no pointer to hover with. */
function WipeControl() {
  const look = useLookStore();
  const wipe = useLook((state) => state.wipe);
  return (
    <label className={styles.legend}>
      <span className={styles.hidden}>Line between the two pictures</span>
      <input
        type="range"
        min={0}
        max={1}
        step={0.01}
        value={wipe}
        className={styles.wipe}
        onChange={({ currentTarget }) => look.setState({ wipe: currentTarget.valueAsNumber })}
      />
    </label>
  );
}

/** The figure that is written under the pictures, and the scale of its bars. */
function MetricChoice() {
  const look = useLookStore();
  const chosen = useLook((state) => state.metric);
  const names = useComparison((comparison) => metricsAt(comparison.numbers).join());
  const offered = names.split(",").filter(isMetricName);
  const metric: Metric = METRICS[chosen];
  const [low, high] = metric.scale;
  return (
    <div className={styles.metric}>
      <label className={styles.choice}>
        <span className={styles.hidden}>Figure under the pictures</span>
        <select
          value={chosen}
          onChange={({ currentTarget: { value } }) => isMetricName(value) && look.setState({ metric: value })}
        >
          {offered.map((name) => (
            <option key={name} value={name}>
              {METRICS[name].title}
            </option>
          ))}
        </select>
      </label>
      <p className={styles.legend} aria-hidden="true">
        <span>{low}</span>
        <span className={styles.ramp} style={{ background: CIVIDIS_GRADIENT }} />
        <span>
          {high}
          {metric.unit && ` ${metric.unit}`}
        </span>
      </p>
      <Note about={chosen} />
    </div>
  );
}

/** How the pictures are looked at: what each place shows, which figure stands under it, how large it is. */
export function Toolbar() {
  const comparisons = useComparisons();
  const look = useLookStore();
  const view = useComparison(({ settings }) => settings.view);
  const zoom = useLook((state) => state.zoom);
  return (
    <div className={styles.toolbar}>
      <Segmented
        legend="Show"
        legendHidden
        options={VIEWS}
        value={view}
        onChange={(next) => comparisons.change({ view: next })}
      />
      {view === "difference" && <DifferenceLegend />}
      {view === "blink" && <BlinkControls />}
      {view === "slider" && <WipeControl />}
      <div className={styles.right}>
        <MetricChoice />
        <label className={styles.choice}>
          <span className={styles.hidden}>Enlargement</span>
          <select
            value={zoom ?? "fit"}
            onChange={({ currentTarget: { value } }) =>
              look.setState({ zoom: isZoom(Number(value)) ? Number(value) : null })
            }
          >
            <option value="fit">Fit</option>
            {ZOOMS.map((one) => (
              <option key={one} value={one}>
                {one * 100} %
              </option>
            ))}
          </select>
        </label>
      </div>
    </div>
  );
}
