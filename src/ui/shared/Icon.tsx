/** Paths on a 20 × 20 field, drawn as 1.6 px lines. */
const PATHS = {
  heart: "M10 16.5 4.2 10.9a3.7 3.7 0 0 1 5.3-5.2l.5.5.5-.5a3.7 3.7 0 0 1 5.3 5.2Z",
  download: "M10 3.5v9m-3.8-3.6L10 12.6l3.8-3.7M4 16.5h12",
  more: "M5 10h.01M10 10h.01M15 10h.01",
  close: "m5.5 5.5 9 9m0-9-9 9",
  check: "m4.5 10.5 3.7 3.7 7.3-8",
  lock: "M5.5 9.2h9v7h-9zM7.3 9.2V6.8a2.7 2.7 0 0 1 5.4 0v2.4",
  unlock: "M5.5 9.2h9v7h-9zM7.3 9.2V6.3a2.7 2.7 0 0 1 5.2-.9",
  next: "M4.5 10h10m-3.8-4 4 4-4 4",
  dice: "M4 4h12v12H4zM7.3 7.3h.01M12.7 12.7h.01M10 10h.01M12.7 7.3h.01M7.3 12.7h.01",
  theme: "M10 3.5a6.5 6.5 0 1 0 0 13ZM10 3.5a6.5 6.5 0 0 1 0 13",
  question: "M7.4 7.6a2.7 2.7 0 1 1 3.9 2.4c-.9.5-1.3 1-1.3 2M10 15h.01",
  folder: "M3.5 15.5v-10h4.6l1.6 2h6.8v8z",
  copy: "M7.5 7.5h8v8h-8zM4.5 12.5v-8h8",
  link: "M8.6 11.4a2.8 2.8 0 0 0 4 0l2.6-2.6a2.8 2.8 0 0 0-4-4l-.9.9m1.1 2.9a2.8 2.8 0 0 0-4 0l-2.6 2.6a2.8 2.8 0 0 0 4 4l.9-.9",
  trash: "M4.5 6h11M8 6V4h4v2M6 6l.7 10.5h6.6L14 6",
  info: "M10 9.2v5M10 6.3h.01M10 17.2a7.2 7.2 0 1 0 0-14.4 7.2 7.2 0 0 0 0 14.4Z",
  alert: "M10 7.6v3.8m0 2.6h.01M10 3.2 2.8 16h14.4Z",
  undo: "M7 4.5 3.7 7.8 7 11.1M4 7.8h7.3a4 4 0 1 1 0 8H8",
  reuse: "M15.8 8.2A6 6 0 0 0 5 6.6L3.8 8.2m0-4v4h4M4.2 11.8A6 6 0 0 0 15 13.4l1.2-1.6m0 4v-4h-4",
  play: "M6.5 4.2v11.6L15.5 10Z",
  pause: "M7 4.5v11M13 4.5v11",
  stop: "M5.5 5.5h9v9h-9z",
  swap: "M6.5 4v12m-3-3 3 3 3-3M13.5 16V4m-3 3 3-3 3 3",
  list: "M4 6h1m-1 4h1m-1 4h1M8 6h8M8 10h8M8 14h8",
  save: "M4 4h9.5L16 6.5V16H4zM7 4v3.5h5V4M7 16v-4.5h6V16",
  open: "M8.5 4.5H4.5v11h11v-4M11.5 4.5h4v4m0-4-6.5 6.5",
  pencil: "m4 16 .8-3.6L13.2 4l2.8 2.8-8.4 8.4ZM11.6 5.6l2.8 2.8",
  table: "M3.5 4.5h13v11h-13zM3.5 8.5h13M8 8.5v7M12.3 8.5v7",
  package: "M10 3 16.5 6.4v7.2L10 17l-6.5-3.4V6.4zM3.7 6.5 10 9.8l6.3-3.3M10 9.8V17",
} as const;

export type IconName = keyof typeof PATHS;

export interface IconProps {
  readonly name: IconName;
  readonly filled?: boolean;
}

/** A picture beside words or inside a named button; says nothing to a screen reader. */
export function Icon({ name, filled = false }: IconProps) {
  const dots = name === "more" || name === "dice";
  return (
    <svg
      width="20"
      height="20"
      viewBox="0 0 20 20"
      aria-hidden="true"
      focusable="false"
      fill={filled ? "currentColor" : "none"}
      stroke="currentColor"
      strokeWidth={dots ? 2 : 1.6}
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
