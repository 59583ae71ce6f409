import type { Forecast } from "#state/forecast.ts";
import { NumberField } from "#ui/shared/NumberField.tsx";
import { stepsText, ticksOf } from "./layout.ts";
import styles from "./TauSlider.module.css";

export interface TauSliderProps {
  readonly tau: number;
  readonly forecast: Forecast;
  /** Nothing switches where one model draws alone. */
  readonly disabled: boolean;
  onTauChange(tau: number): void;
}

/** The switch time over the solver steps that it divides. */
export function TauSlider({ tau, forecast, disabled, onTauChange }: TauSliderProps) {
  const ticks = ticksOf(forecast.steps);
  return (
    <div className={styles.slider} data-disabled={disabled || undefined}>
      <div className={styles.head}>
        <div>
          <p className={styles.title}>Switch time τ</p>
          <p className={styles.counts}>{stepsText(forecast.stepCount)}</p>
        </div>
        <div className={styles.number}>
          <NumberField
            label="Exact value, 0 to 1"
            labelHidden
            disabled={disabled}
            value={tau}
            min={0}
            max={1}
            step={0.01}
            whole={false}
            onChange={onTauChange}
          />
        </div>
      </div>
      <input
        type="range"
        className={styles.range}
        min={0}
        max={1}
        step={0.01}
        value={tau}
        disabled={disabled}
        aria-label="Switch time τ (tau)"
        aria-valuetext={`${tau}: ${stepsText(forecast.stepCount)}`}
        onChange={(event) => onTauChange(event.currentTarget.valueAsNumber)}
      />
      <svg className={styles.ticks} viewBox="0 0 1 1" preserveAspectRatio="none" aria-hidden="true">
        {ticks.map(({ at, served }) => (
          <line
            key={at}
            x1={at}
            x2={at}
            y1={served === "heavy" ? 0 : 0.3}
            y2={1}
            className={styles[served]}
            vectorEffect="non-scaling-stroke"
          />
        ))}
      </svg>
      <div className={styles.ends} aria-hidden="true">
        <span>noise, t = 0</span>
        <span>image, t = 1</span>
      </div>
    </div>
  );
}
