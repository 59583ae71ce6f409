import { useEffect } from "react";

/** Calls `action` with `value` once it has stayed the same for so many milliseconds; never with null. What it rests on is
 *  one memoised value, so that whatever changes it is named where it is made. */
export function useRested<Value>(value: Value | null, ms: number, action: (value: Value) => void): void {
  useEffect(() => {
    if (value === null) return;
    const timer = setTimeout(() => action(value), ms);
    return () => clearTimeout(timer);
  }, [value, ms, action]);
}
