/** Whether a character that is pressed belongs to a field of text; fields of numbers take no letters and signs. */
export const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  target.matches("input:not([type=radio], [type=range], [type=number]), textarea, select, [contenteditable]");
