import { useMemo } from "react";
import type { OpenSet } from "#state/finetune/finetune.ts";
import { SCORE_NAMES, scoreValues } from "#state/finetune/scores.ts";
import { IconButton } from "#ui/shared/Button.tsx";
import { countText } from "#ui/shared/format.ts";
import { useFinetune, useFinetuning, useLook, useLookStore } from "../context.ts";
import { PictureGrid } from "../Gallery/PictureGrid.tsx";
import { scoreText } from "../scoreText.ts";
import tools from "../tools.module.css";
import { SCORE_WORDS } from "../words.ts";
import { picturesShown } from "./order.ts";
import { toggled } from "./override.ts";
import styles from "./SetGallery.module.css";
import { useKept } from "./useKept.ts";

const SHOWN = [
  { value: "all", title: "all" },
  { value: "kept", title: "kept" },
  { value: "dropped", title: "dropped" },
] as const;

/** Every picture with its score, sortable; what is dropped is pale. */
export function SetGallery({ set }: { readonly set: OpenSet }) {
  const finetuning = useFinetuning();
  const store = useLookStore();
  const look = useLook((now) => now);
  const scores = useFinetune((state) => state.scoring.scores);
  const overrides = useFinetune((state) => state.choice.overrides);
  const { mask } = useKept();
  const { record, labels, names } = set;
  const { label, cluster, sort, falling, shown } = look;
  const indices = useMemo(
    () => picturesShown(record.count, labels, scores, mask, { label, cluster, sort, falling, shown }),
    [record, labels, scores, mask, label, cluster, sort, falling, shown],
  );
  const values = sort === "order" || !scores ? null : scoreValues(scores, sort);
  const sorts = SCORE_NAMES.filter((name) => scores && scoreValues(scores, name));
  return (
    <>
      <div className={`${tools.tools} ${styles.tools}`}>
        <label>
          <span>Sort by</span>
          <select
            value={sort}
            onChange={({ currentTarget }) =>
              store.setState({
                sort: SCORE_NAMES.find((name) => name === currentTarget.value) ?? "order",
              })
            }
          >
            <option value="order">order of files</option>
            {sorts.map((name) => (
              <option key={name} value={name}>
                {SCORE_WORDS[name].title.toLowerCase()}
              </option>
            ))}
          </select>
        </label>
        {sort !== "order" && (
          <IconButton
            label={falling ? "Largest first" : "Smallest first"}
            icon="swap"
            onClick={() => store.setState({ falling: !falling })}
          />
        )}
        <label>
          <span>Show</span>
          <select
            value={shown}
            onChange={({ currentTarget }) =>
              store.setState({
                shown: SHOWN.find(({ value }) => value === currentTarget.value)?.value ?? "all",
              })
            }
          >
            {SHOWN.map(({ value, title }) => (
              <option key={value} value={value}>
                {title}
              </option>
            ))}
          </select>
        </label>
        {cluster !== null && (
          <button type="button" className={styles.chip} onClick={() => store.setState({ cluster: null })}>
            cluster {cluster + 1} <span aria-hidden="true">×</span>
          </button>
        )}
        <p className={styles.count}>{countText(indices.length, "picture")}</p>
      </div>
      <PictureGrid
        label="Pictures of the set"
        indices={indices}
        picked={look.picked}
        nameOf={(index) =>
          `Picture ${index + 1}, ${names[index]}${mask ? (mask[index] ? ", kept" : ", dropped") : ""}${
            overrides.has(index) ? " by hand" : ""
          }${values ? `, ${SCORE_WORDS[sort === "order" ? "loss" : sort].title} ${scoreText(values[index])}` : ""}`
        }
        captionOf={values ? (index) => scoreText(values[index]) : undefined}
        lookOf={(index) => (mask ? (mask[index] ? "kept" : "dropped") : undefined)}
        onPick={(index) => store.setState({ picked: index })}
        onHover={(index) => store.setState({ hovered: index })}
        onKey={(key, index) => {
          const wish = key === "k" ? "keep" : key === "d" ? "drop" : null;
          if (wish) finetuning.override([index], toggled(overrides, index, wish));
        }}
      />
    </>
  );
}
