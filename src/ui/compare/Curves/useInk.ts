import { useEffect, useState } from "react";
import { cividis } from "../scale.ts";

const SERIES = [1, 2, 3, 4, 5, 6, 7].map((k) => `--series-${k}`);

/** Colours of the style sheet for what is drawn on a canvas. */
export interface Ink {
  readonly ink: string;
  readonly soft: string;
  readonly line: string;
  readonly accent: string;
  readonly surface: string;
  readonly series: readonly string[];
  readonly dark: boolean;
}

/** Colour of one of so many lines: those of the style sheet while there are enough, else an even scale whose ends keep
 *  their distance from the ground. */
export function lineColour({ series, dark, ink }: Ink, place: number, of: number): string {
  if (of <= series.length) return series[place] ?? ink;
  const share = place / (of - 1);
  return cividis(dark ? 0.3 + 0.7 * share : 0.82 * share);
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
    dark: document.documentElement.dataset.theme === "dark",
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
