import { LIMITS, nextSeed, seedsBeyond } from "#state/settings.ts";
import { IconButton } from "#ui/shared/Button.tsx";
import { useApp, useStudio } from "#ui/shared/context.ts";
import { NumberField } from "#ui/shared/NumberField.tsx";
import styles from "./SeedField.module.css";

/** Short enough to be read out, and still a million different pictures a class. */
const RANDOM_SEEDS = 1_000_000;

const LOCKED_TITLE = "Locked: every Generate uses the seed that is shown";
const MOVES_TITLE = "Unlocked: every Generate moves on to seeds that have not been drawn";

/** The seed that is used: typed, the one after, or any; kept or moved on with each Generate. */
export function SeedField() {
  const { session, setPreferences } = useStudio();
  const settings = useApp((app) => app.settings);
  const locked = useApp((app) => app.preferences.seedLocked);
  const beyond = seedsBeyond(settings);
  const setSeed = (seed: number) => session.changeSettings({ seed });
  return (
    <div className={styles.row}>
      <NumberField label="Seed" value={settings.seed} {...LIMITS.seed} onChange={setSeed}>
        <IconButton
          icon={locked ? "lock" : "unlock"}
          label="Lock"
          aria-pressed={locked}
          className={locked ? styles.on : styles.tool}
          title={locked ? LOCKED_TITLE : MOVES_TITLE}
          onClick={() => setPreferences({ seedLocked: !locked })}
        />
        <IconButton
          icon="next"
          label="Next"
          title="The seeds after these"
          className={styles.tool}
          onClick={() => setSeed(nextSeed(settings))}
        />
        <IconButton
          icon="dice"
          label="Random"
          title="Any seed below a million"
          className={styles.tool}
          onClick={() => setSeed(Math.floor(Math.random() * RANDOM_SEEDS))}
        />
      </NumberField>
      <NumberField
        label="Count"
        value={settings.count}
        {...LIMITS.count}
        onChange={(count) => session.changeSettings({ count })}
      />
      <p role="status" className={styles.hint}>
        {beyond > 0 &&
          `Only ${settings.count - beyond} of ${settings.count}: the last seed is ${LIMITS.seed.max}.`}
      </p>
    </div>
  );
}
