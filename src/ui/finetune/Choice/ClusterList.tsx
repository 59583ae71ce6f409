import { useMemo } from "react";
import type { OpenSet } from "#state/finetune/finetune.ts";
import type { ClusterView } from "#state/finetune/scores.ts";
import { useInk } from "#ui/compare/Curves/useInk.ts";
import { useLook, useLookStore } from "../context.ts";
import { SetPicture } from "../Gallery/SetPicture.tsx";
import styles from "./ClusterList.module.css";
import { clusterSummaries } from "./clusterSummaries.ts";
import { markOf, type Shape } from "./mapLayout.ts";
import { useKept } from "./useKept.ts";

/** The clusters with their most typical pictures; one of them can be shown alone. */
export function ClusterList({ set, clusters }: { readonly set: OpenSet; readonly clusters: ClusterView }) {
  const look = useLookStore();
  const ink = useInk();
  const chosen = useLook((now) => now.cluster);
  const { mask } = useKept();
  const summaries = useMemo(() => clusterSummaries(clusters, mask), [clusters, mask]);
  return (
    <ul className={styles.list} aria-label={`Clusters of ${set.record.name}`}>
      {summaries.map(({ cluster, size, kept, typical }) => {
        const { colour, shape } = markOf(cluster);
        return (
          <li key={cluster}>
            <button
              type="button"
              aria-pressed={chosen === cluster}
              aria-label={`Cluster ${cluster + 1}, ${kept} of ${size} kept`}
              onClick={() => look.setState({ cluster: chosen === cluster ? null : cluster })}
            >
              <Swatch colour={ink.series[colour]} shape={shape} />
              <span className={styles.pictures}>
                {typical.map((index) => (
                  <SetPicture key={index} index={index} />
                ))}
              </span>
              <span className={styles.count}>
                {kept}
                <small> / {size}</small>
              </span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}

const SHAPE_PATHS: Readonly<Record<Shape, string>> = {
  circle: "M11 6A5 5 0 1 1 1 6a5 5 0 0 1 10 0Z",
  square: "M1.5 1.5h9v9h-9Z",
  diamond: "M6 0l6 6-6 6-6-6Z",
  triangle: "M6 .5l5.6 10H.4Z",
};

function Swatch({ colour, shape }: { readonly colour: string; readonly shape: Shape }) {
  return (
    <svg width="12" height="12" viewBox="0 0 12 12" aria-hidden="true" fill={colour}>
      <path d={SHAPE_PATHS[shape]} />
    </svg>
  );
}
