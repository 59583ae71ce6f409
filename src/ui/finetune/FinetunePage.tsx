import { use, useEffect, useMemo, useRef } from "react";
import type { Step } from "#state/finetune/finetune.ts";
import { useStudio } from "#ui/shared/context.ts";
import { ChoiceStep } from "./Choice/ChoiceStep.tsx";
import { FinetuneContext, useFinetune, useFinetuning, useLookStore } from "./context.ts";
import styles from "./FinetunePage.module.css";
import { createLook, INITIAL_LOOK } from "./look.ts";
import { PicturesStep } from "./Pictures/PicturesStep.tsx";
import { ProblemNotice } from "./ProblemNotice.tsx";
import { ResultStep } from "./Result/ResultStep.tsx";
import { Steps } from "./Steps/Steps.tsx";
import { TrainingStep } from "./Training/TrainingStep.tsx";
import { useFocusKept } from "./useFocusKept.ts";

const VIEWS: Readonly<Record<Step, () => React.JSX.Element>> = {
  pictures: PicturesStep,
  choice: ChoiceStep,
  training: TrainingStep,
  result: ResultStep,
};

/** From pictures to a model of one's own, in four steps that can be gone back. */
export function FinetunePage() {
  const finetuning = use(useStudio().finetuning());
  const value = useMemo(() => ({ finetuning, look: createLook() }), [finetuning]);
  return (
    <FinetuneContext value={value}>
      <Layout />
    </FinetuneContext>
  );
}

function Layout() {
  const finetuning = useFinetuning();
  const look = useLookStore();
  const step = useFinetune((state) => state.step);
  const set = useFinetune((state) => state.set?.record.id ?? null);
  const lookedAt = useRef(set);
  useEffect(() => {
    if (lookedAt.current === set) return;
    lookedAt.current = set;
    look.setState(INITIAL_LOOK); // another set is looked at afresh
  }, [set, look]);
  // The address names the page alone after a click on its link.
  useEffect(() => finetuning.followHash(), [finetuning]);
  const page = useRef<HTMLDivElement>(null);
  const shown = useFinetune(
    ({ importing, run }) => `${step} ${importing?.status} ${run?.id} ${run?.state.status}`,
  );
  useFocusKept(page, `${shown} ${set}`);
  const View = VIEWS[step];
  return (
    <div className={styles.page} data-step={step} ref={page}>
      <Steps />
      <ProblemNotice />
      <View />
    </div>
  );
}
