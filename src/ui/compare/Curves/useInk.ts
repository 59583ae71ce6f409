import { useEffect, useState } from "react";

const SERIES = [1, 2, 3, 4, 5, 6, 7].map((k) => `--series-${k}`);

/** Colours of the style sheet for what is drawn on a canvas. */
export interface Ink {
  readonly ink: string;
  readonly soft: string;
  readonly line: string;
  readonly accent: string;
  readonly surface: string;
  readonly series: readonly string[];
}

function readInk(): Ink {
  const style = getComputedStyle(document.documentElement);
  const read = (name: string) => style.getPropertyValue(name).trim();
  return {
    ink: read("--ink"),
    soft: read("--ink-soft"),
    line: read("--line"),
    accent: read("--accent"),
    surface: read("--paper"),
    series: SERIES.map(read),
  };
}

/** The colours of the theme that is on; they change with it. */
export function useInk(): Ink {
  const [ink, setInk] = useState(readInk);
  useEffect(() => {
    const themed = new MutationObserver(() => setInk(readInk()));
    themed.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
    return () => themed.disconnect();
  }, []);
  return ink;
}
