/** Whether a key press belongs to a field that is being typed into. */
export const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  target.matches("input:not([type=radio], [type=range]), textarea, select, [contenteditable]");
