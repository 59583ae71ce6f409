/** Where menus and popovers are put: inside the main landmark, so that they are found by moving through landmarks. */
export const layerRoot = (): HTMLElement => document.querySelector("main") ?? document.body;
