import { LIMITS, nextSeed } from "#state/settings.ts";
import { Button } from "#ui/shared/Button.tsx";
import { useApp, useStudio } from "#ui/shared/context.ts";
import { NumberField } from "#ui/shared/NumberField.tsx";
import styles from "./SeedField.module.css";

/** Short enough to be read out, and still a million different pictures a class. */
const RANDOM_SEEDS = 1_000_000;

/** The seed that is used: typed, the one after, or any; kept or moved on with each Generate. */
export function SeedField() {
  const { session, setPreferences } = useStudio();
  const settings = useApp((app) => app.settings);
  const locked = useApp((app) => app.preferences.seedLocked);
  const setSeed = (seed: number) => session.changeSettings({ seed });
  return (
    <div className={styles.seed}>
      <div className={styles.row}>
        <NumberField
          label="Seed"
          value={settings.seed}
          {...LIMITS.seed}
          onChange={setSeed}
          {...(settings.count > 1
            ? { suffix: `to ${Math.min(LIMITS.seed.max, settings.seed + settings.count - 1)}` }
            : {})}
        />
        <NumberField
          label="Count"
          value={settings.count}
          {...LIMITS.count}
          onChange={(count) => session.changeSettings({ count })}
        />
      </div>
      <div className={styles.buttons}>
        <Button
          icon={locked ? "lock" : "unlock"}
          aria-pressed={locked}
          className={locked ? styles.on : undefined}
          title={
            locked
              ? "Every Generate uses the seed that is shown"
              : "Every Generate moves on to seeds that have not been drawn"
          }
          onClick={() => setPreferences({ seedLocked: !locked })}
        >
          {locked ? "Locked" : "Moves on"}
        </Button>
        <Button icon="next" title="The seeds after these" onClick={() => setSeed(nextSeed(settings))}>
          Next
        </Button>
        <Button
          icon="dice"
          title="Any seed below a million"
          onClick={() => setSeed(Math.floor(Math.random() * RANDOM_SEEDS))}
        >
          Random
        </Button>
      </div>
    </div>
  );
}
