import { useEffect, useState } from "react";
import type { Notice } from "#state/notices.ts";
import { Button, IconButton } from "#ui/shared/Button.tsx";
import { useApp, useStudio } from "#ui/shared/context.ts";
import styles from "./Notices.module.css";
import { noticeWords } from "./words.ts";

/** Time to read a message that needs no answer. */
const SHOWN_MS = 6000;

function Message({ notice }: { readonly notice: Notice }) {
  const { store, library } = useStudio();
  const { text, bad } = noticeWords(notice);
  const [held, setHeld] = useState(false);
  const dismiss = () => store.dispatch({ type: "notice-dismissed", id: notice.id });
  useEffect(() => {
    if (bad || held) return;
    const timer = setTimeout(() => store.dispatch({ type: "notice-dismissed", id: notice.id }), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [bad, held, notice.id, store]);
  return (
    <li
      className={styles.message}
      data-bad={bad || undefined}
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      {/* A refusal interrupts; good news waits for the live region around it. */}
      <p role={bad ? "alert" : undefined}>{text}</p>
      {notice.kind === "removed" && (
        <Button
          look="quiet"
          icon="undo"
          onClick={() => {
            library.putBack(notice.entries, notice.cell);
            dismiss();
          }}
        >
          Undo
        </Button>
      )}
      <IconButton icon="close" label="Close message" onClick={dismiss} />
    </li>
  );
}

/** Messages at the lower edge, on the Compare page clear of its scrubber; they take no room and no focus. */
export function Notices() {
  const notices = useApp((app) => app.notices);
  const page = useApp((app) => app.page);
  return (
    <section aria-label="Messages" aria-live="polite" className={styles.region} data-page={page}>
      <ul className={styles.list}>
        {notices.map((notice) => (
          <Message key={notice.id} notice={notice} />
        ))}
      </ul>
    </section>
  );
}
