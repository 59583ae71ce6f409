import { type RefObject, useEffect } from "react";
import { useLook, useLookStore } from "../context.ts";

/** Each of the two pictures is shown for so long: three changes in four seconds, far from what flashing may be. */
const SHOWN_MS = 700;

/** Keeps `blinked` changing while it blinks, and hands it and the wipe to the style sheet of `of`: one change for all cells. */
export function useBlinking(wanted: boolean, of: RefObject<HTMLElement | null>): void {
  const look = useLookStore();
  const blinking = useLook((state) => state.blinking);
  useEffect(() => {
    const show = () => {
      const { blinked, wipe } = look.getState();
      of.current?.style.setProperty("--blinked", blinked ? "1" : "0");
      of.current?.style.setProperty("--wipe", `${wipe * 100}%`);
    };
    show();
    return look.subscribe(show);
  }, [look, of]);
  useEffect(() => {
    if (!wanted || !blinking) return;
    const timer = setInterval(() => look.setState(({ blinked }) => ({ blinked: !blinked })), SHOWN_MS);
    return () => clearInterval(timer);
  }, [wanted, blinking, look]);
}
