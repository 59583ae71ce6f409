import { IconButton } from "#ui/shared/Button.tsx";
import { Icon } from "#ui/shared/Icon.tsx";
import { useFinetune, useFinetuning } from "./context.ts";
import styles from "./ProblemNotice.module.css";
import { type ProblemWords, problemWords } from "./words.ts";

/** What went wrong last, until it is put away. */
export function ProblemNotice() {
  const finetuning = useFinetuning();
  const problem = useFinetune((state) => state.problem);
  return (
    <div role="alert" className={styles.place}>
      {problem && (
        <Trouble words={problemWords(problem)}>
          <IconButton label="Close this message" icon="close" onClick={finetuning.dismissProblem} />
        </Trouble>
      )}
    </div>
  );
}

export interface TroubleProps {
  readonly words: ProblemWords;
  /** What can be done, as buttons. */
  readonly children?: React.ReactNode;
}

/** Something that went wrong, with what can be done. */
export function Trouble({ words, children }: TroubleProps) {
  return (
    <div className={styles.trouble}>
      <Icon name="alert" />
      <p>
        <b>{words.title}. </b>
        {words.text}
      </p>
      {children}
    </div>
  );
}
