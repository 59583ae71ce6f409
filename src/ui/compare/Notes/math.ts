import { createElement, Fragment, type ReactElement, type ReactNode } from "react";

/** Presentation MathML, which browsers set by themselves; a formula is a handful of these. */

const element = (name: string, ...children: readonly ReactNode[]): ReactElement =>
  createElement(name, null, ...children);

/** A variable: "s", "x". More letters than one stand upright. */
export const v = (name: string) =>
  createElement("mi", name.length > 1 ? { mathvariant: "normal" } : null, name);
export const n = (number: number | string) => element("mn", String(number));
export const o = (sign: string) => element("mo", sign);
export const words = (text: string) => element("mtext", text);
export const row = (...parts: readonly ReactNode[]) => element("mrow", ...parts);
export const sub = (base: ReactNode, below: ReactNode) => element("msub", base, below);
export const sup = (base: ReactNode, above: ReactNode) => element("msup", base, above);
export const frac = (above: ReactNode, below: ReactNode) => element("mfrac", above, below);
export const norm = (inner: ReactNode) => row(o("‖"), inner, o("‖"));
export const group = (...inner: readonly ReactNode[]) => row(o("("), ...inner, o(")"));
/** Sum over an index. */
export const sum = (over: ReactNode, of: ReactNode) => row(element("munder", o("∑"), over), of);
/** A formula on a line of its own; `spoken` is what a reader without MathML is told. */
export const formula = (...parts: readonly ReactNode[]): ReactElement =>
  createElement("math", { display: "block" }, createElement(Fragment, null, ...parts));
