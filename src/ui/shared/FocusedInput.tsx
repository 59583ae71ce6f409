import { type ComponentPropsWithoutRef, useEffect, useRef } from "react";

/** A text field that takes the place of the button that was just pressed, and the focus with it: a keyboard would
 *  otherwise be left on nothing. */
export function FocusedInput(props: ComponentPropsWithoutRef<"input">) {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  return <input type="text" {...props} ref={field} />;
}
