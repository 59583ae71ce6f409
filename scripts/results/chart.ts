/** Small SVG charts by own code: lines or points with interval bars, and rows of points. Ink and grid follow the reader's
 *  light or dark scheme; the background stays transparent. Values carry 95 % intervals. */

export interface Point {
  readonly x: number;
  readonly y: number;
  readonly low: number;
  readonly high: number;
}

export interface Series {
  readonly name: string;
  readonly points: readonly Point[];
}

export interface Band {
  readonly label: string;
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

export interface LineChart {
  /** What a screen reader says. */
  readonly title: string;
  readonly x: { readonly label: string; readonly ticks: readonly number[]; readonly log?: boolean };
  readonly y: { readonly label: string };
  readonly series: readonly Series[];
  /** A value to compare with, drawn across. */
  readonly reference?: Band;
}

export interface RowChart {
  readonly title: string;
  readonly x: { readonly label: string };
  readonly rows: readonly Band[];
  readonly reference?: Band;
}

const WIDTH = 760;
const HEIGHT = 360;
const MARGIN = { top: 20, right: 168, bottom: 48, left: 64 } as const;
const ROW = 26;
const ROW_LABELS = 250;
const LABEL_GAP = 16;

/** Colours that differ in hue and in lightness, so that they also differ without hue; one set for light, one for dark. */
const LIGHT = ["#4347c9", "#c2571a", "#1f7a4d", "#8a3b8f", "#0b7285", "#a88400"];
const DARK = ["#9a9dff", "#f0935a", "#5cc795", "#d792dc", "#66c5d6", "#e0c04a"];

const style = (): string => {
  const rules = (ink: string, soft: string, line: string, colours: readonly string[]) =>
    `text{fill:${ink}}.soft{fill:${soft}}.grid{stroke:${line}}.axis{stroke:${soft}}.band{fill:${soft};opacity:.16}.mean{stroke:${soft}}` +
    colours.map((c, i) => `.s${i}{stroke:${c}}.f${i}{fill:${c}}`).join("");
  return (
    "<style>text{font:13px system-ui,sans-serif}.small{font-size:12px}path,line{fill:none}" +
    rules("#24292f", "#57606a", "#d8dce1", LIGHT) +
    `@media(prefers-color-scheme:dark){${rules("#e6edf3", "#9aa4af", "#343b44", DARK)}}</style>`
  );
};

/** Round steps that cover [low, high]: 1, 2 or 5 times a power of ten, four to seven of them. */
export function niceTicks(low: number, high: number): number[] {
  const span = high - low || Math.abs(high) || 1;
  const power = 10 ** Math.floor(Math.log10(span / 4));
  const step = power * ([1, 2, 5, 10].find((m) => span / (m * power) <= 6) ?? 10);
  const first = Math.floor(low / step + 1e-9);
  const last = Math.ceil(high / step - 1e-9);
  return Array.from({ length: last - first + 1 }, (_, k) => Number(((first + k) * step).toPrecision(12)));
}

/** Places wanted positions at least `gap` apart, in order, moving each as little as that needs. */
export function spread(wanted: readonly number[], gap: number): number[] {
  const order = wanted.map((_, i) => i).sort((a, b) => wanted[a] - wanted[b]);
  const placed = [...wanted];
  for (let round = 0; round < 50; round++) {
    for (let k = 1; k < order.length; k++) {
      const overlap = gap - (placed[order[k]] - placed[order[k - 1]]);
      if (overlap > 1e-9) {
        placed[order[k]] += overlap / 2;
        placed[order[k - 1]] -= overlap / 2;
      }
    }
  }
  return placed;
}

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
const px = (value: number): string => String(Math.round(value * 10) / 10);

const text = (x: number, y: number, words: string, anchor = "start", kind = ""): string =>
  `<text x="${px(x)}" y="${px(y)}" text-anchor="${anchor}"${kind ? ` class="${kind}"` : ""}>${escaped(words)}</text>`;
const line = (x1: number, y1: number, x2: number, y2: number, kind: string, width = 1): string =>
  `<line x1="${px(x1)}" y1="${px(y1)}" x2="${px(x2)}" y2="${px(y2)}" class="${kind}" stroke-width="${width}"/>`;

const svg = (height: number, title: string, body: readonly string[]): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${px(height)}" width="${WIDTH}" height="${px(height)}" role="img" aria-label="${escaped(title).replaceAll('"', "&quot;")}">\n${[style(), ...body].join("\n")}\n</svg>\n`;

/** Lines with interval bars; each is named at its right end. */
export function lineChart(chart: LineChart): string {
  const points = chart.series.flatMap((s) => s.points);
  const values = [
    ...points.flatMap((p) => [p.low, p.high]),
    ...(chart.reference ? [chart.reference.low, chart.reference.high] : []),
  ];
  const ticks = niceTicks(Math.min(...values), Math.max(...values));
  const along = (x: number) => (chart.x.log ? Math.log(x) : x);
  const [x0, x1] = [along(Math.min(...chart.x.ticks)), along(Math.max(...chart.x.ticks))];
  const [y0, y1] = [ticks[0], ticks[ticks.length - 1]];
  const right = WIDTH - MARGIN.right;
  const bottom = HEIGHT - MARGIN.bottom;
  const X = (x: number) => MARGIN.left + ((along(x) - x0) / (x1 - x0 || 1)) * (right - MARGIN.left);
  const Y = (y: number) => bottom - ((y - y0) / (y1 - y0 || 1)) * (bottom - MARGIN.top);
  const body: string[] = [];
  for (const tick of ticks) {
    body.push(line(MARGIN.left, Y(tick), right, Y(tick), "grid"));
    body.push(text(MARGIN.left - 8, Y(tick) + 4, String(tick), "end", "soft small"));
  }
  for (const tick of chart.x.ticks)
    body.push(text(X(tick), bottom + 18, String(tick), "middle", "soft small"));
  body.push(text((MARGIN.left + right) / 2, HEIGHT - 8, chart.x.label, "middle", "soft"));
  body.push(
    `<g transform="translate(16 ${px((MARGIN.top + bottom) / 2)}) rotate(-90)">${text(0, 0, chart.y.label, "middle", "soft")}</g>`,
  );
  const names: { words: string; y: number; kind: string }[] = [];
  if (chart.reference) {
    const { low, high, value, label } = chart.reference;
    body.push(
      `<rect x="${px(MARGIN.left)}" y="${px(Y(high))}" width="${px(right - MARGIN.left)}" height="${px(Y(low) - Y(high))}" class="band"/>`,
    );
    body.push(line(MARGIN.left, Y(value), right, Y(value), "mean"));
    names.push({ words: label, y: Y(value), kind: "soft" });
  }
  chart.series.forEach(({ name, points: own }, n) => {
    const kind = n % LIGHT.length;
    const sorted = [...own].sort((a, b) => a.x - b.x);
    const shift = (n - (chart.series.length - 1) / 2) * 4; // so that bars at one x stand side by side
    const path = sorted.map((p, k) => `${k ? "L" : "M"}${px(X(p.x) + shift)} ${px(Y(p.y))}`).join("");
    body.push(`<path d="${path}" class="s${kind}" stroke-width="2"/>`);
    for (const p of sorted) {
      body.push(line(X(p.x) + shift, Y(p.low), X(p.x) + shift, Y(p.high), `s${kind}`, 1.5));
      body.push(`<circle cx="${px(X(p.x) + shift)}" cy="${px(Y(p.y))}" r="3.5" class="f${kind}"/>`);
    }
    names.push({ words: name, y: Y(sorted[sorted.length - 1].y), kind: `f${kind}` });
  });
  const placed = spread(
    names.map((name) => name.y),
    LABEL_GAP,
  );
  names.forEach(({ words, kind }, n) => {
    // the mark carries the colour, the word stays in ink
    body.push(`<circle cx="${px(right + 14)}" cy="${px(placed[n])}" r="4" class="${kind}"/>`);
    body.push(text(right + 24, placed[n] + 4, words));
  });
  return svg(HEIGHT, chart.title, body);
}

/** One row a thing: its name, its value as a point, its interval as a bar; the reference as a band behind all. */
export function rowChart(chart: RowChart): string {
  const all = [...chart.rows, ...(chart.reference ? [chart.reference] : [])];
  const ticks = niceTicks(Math.min(...all.map((r) => r.low)), Math.max(...all.map((r) => r.high)));
  const right = WIDTH - 72;
  const top = chart.reference ? 34 : 12;
  const bottom = top + ROW * chart.rows.length;
  const X = (x: number) =>
    ROW_LABELS + ((x - ticks[0]) / (ticks[ticks.length - 1] - ticks[0] || 1)) * (right - ROW_LABELS);
  const body: string[] = [];
  for (const tick of ticks) {
    body.push(line(X(tick), top, X(tick), bottom, "grid"));
    body.push(text(X(tick), bottom + 18, String(tick), "middle", "soft small"));
  }
  body.push(text((ROW_LABELS + right) / 2, bottom + 40, chart.x.label, "middle", "soft"));
  if (chart.reference) {
    const { low, high, value, label } = chart.reference;
    body.push(
      `<rect x="${px(X(low))}" y="${top}" width="${px(X(high) - X(low))}" height="${px(bottom - top)}" class="band"/>`,
    );
    body.push(line(X(value), top, X(value), bottom, "mean"));
    body.push(text(X(value), top - 8, label, "middle", "soft small"));
  }
  chart.rows.forEach((row, n) => {
    const y = top + ROW * (n + 0.5);
    body.push(text(ROW_LABELS - 12, y + 4, row.label, "end"));
    body.push(line(X(row.low), y, X(row.high), y, "s0", 2));
    body.push(`<circle cx="${px(X(row.value))}" cy="${px(y)}" r="4" class="f0"/>`);
    body.push(text(right + 12, y + 4, row.value.toFixed(2), "start", "soft small"));
  });
  return svg(bottom + 52, chart.title, body);
}
