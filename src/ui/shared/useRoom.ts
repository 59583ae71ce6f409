import { useLayoutEffect, useRef, useState } from "react";

/** Room of an element in CSS pixels, and the density of the screen. */
export interface Room {
  readonly width: number;
  readonly height: number;
  readonly density: number;
}

/** What stands below and above the pictures on the page: header, toolbar, padding. */
const AROUND = 250;
const LEAST_HEIGHT = 360;

/** Width of the element and what is left of the window's height; null before the first measurement. */
export function useRoom() {
  const ref = useRef<HTMLDivElement>(null);
  const [room, setRoom] = useState<Room | null>(null);
  useLayoutEffect(() => {
    const element = ref.current;
    if (!element) return;
    const measure = () => {
      const { width } = element.getBoundingClientRect();
      const next = {
        width: Math.floor(width),
        height: Math.max(LEAST_HEIGHT, window.innerHeight - AROUND),
        density: window.devicePixelRatio || 1,
      };
      setRoom((now) =>
        now && now.width === next.width && now.height === next.height && now.density === next.density
          ? now
          : next,
      );
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    window.addEventListener("resize", measure);
    return () => {
      observer.disconnect();
      window.removeEventListener("resize", measure);
    };
  }, []);
  return { ref, room };
}
