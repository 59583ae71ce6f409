import { useMemo } from "react";
import { indicesOf } from "#state/finetune/choice.ts";
import { heldOutFor } from "#state/finetune/currentPlan.ts";
import type { OpenSet } from "#state/finetune/finetune.ts";
import { trainedOn } from "#state/finetune/heldOut.ts";
import { Button } from "#ui/shared/Button.tsx";
import { countText } from "#ui/shared/format.ts";
import { useFinetune, useFinetuning } from "../context.ts";
import { SetPicture } from "../Gallery/SetPicture.tsx";
import styles from "./Learned.module.css";

export interface LearnedProps {
  readonly set: OpenSet | null;
  /** 1 for every picture that is kept; null while nothing is chosen. */
  readonly mask: Uint8Array | null;
}

/** Pictures that are shown of many. */
const SHOWN = 24;

/** What the model is to learn from, and what it is only measured on. */
export function Learned({ set, mask }: LearnedProps) {
  const finetuning = useFinetuning();
  const heldOutWanted = useFinetune((state) => state.settings.heldOut);
  const { learned, heldOut } = useMemo(() => {
    if (!set || !mask) return { learned: new Uint32Array(), heldOut: new Uint32Array() };
    const out = heldOutFor(set, heldOutWanted);
    return { learned: trainedOn(indicesOf(mask), out), heldOut: out };
  }, [set, mask, heldOutWanted]);
  if (!set) return null;
  return (
    <section aria-labelledby="learned" className={styles.learned}>
      <h2 id="learned">What it learns from</h2>
      {mask ? (
        <p>
          <b>{countText(learned.length, "picture")}</b> of {set.record.name}
          {heldOut.length > 0 && (
            <>
              ; <b>{heldOut.length}</b> more are held out, and only measured on
            </>
          )}
          .
        </p>
      ) : (
        <p>
          The criterion that was chosen still has to be measured.{" "}
          <Button onClick={() => finetuning.go("choice")}>To what matters</Button>
        </p>
      )}
      <ul className={styles.pictures} aria-hidden="true">
        {spread(learned, SHOWN).map((index) => (
          <li key={index}>
            <SetPicture index={index} />
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Up to `most` of the indices, at even distances. */
const spread = (indices: Uint32Array, most: number): readonly number[] => {
  const count = Math.min(most, indices.length);
  return Array.from({ length: count }, (_, k) => indices[Math.floor((k * indices.length) / count)]);
};
