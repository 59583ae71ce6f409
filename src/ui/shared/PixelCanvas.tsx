import { useLayoutEffect, useRef } from "react";
import type { Pixels } from "#state/pixels.ts";

export interface PixelCanvasProps {
  readonly pixels: Pixels;
  /** What a screen reader says; without it the canvas is decoration. */
  readonly name?: string | undefined;
  readonly className?: string | undefined;
  /** A shortcut for the pointer; the same must be reachable with a button. */
  readonly onClick?: () => void;
}

/** Pixels as they are, one canvas pixel each; the style sheet enlarges. */
export function PixelCanvas({ pixels, name, className, onClick }: PixelCanvasProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { width, height, rgba } = pixels;
  useLayoutEffect(() => {
    canvas.current?.getContext("2d")?.putImageData(new ImageData(rgba, width, height), 0, 0);
  }, [rgba, width, height]);
  const spoken = name === undefined ? { "aria-hidden": true } : { role: "img", "aria-label": name };
  return (
    <canvas ref={canvas} width={width} height={height} className={className} onClick={onClick} {...spoken} />
  );
}
