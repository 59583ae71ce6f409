import { inWords } from "../setup/say.mjs";
import type { DrawListener } from "./drawAll.ts";
import type { TarEntry } from "./drawTar.ts";

/** Where progress is told: stderr, or a test's ear. */
export interface Screen {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

const BAR = 24;

/** `█████░░░░  42 %  11,760 of 28,000 images, 1 min 20 s left`; `drawn` of `total` after `ms`. */
export function progressLine(drawn: number, total: number, ms: number): string {
  const share = total === 0 ? 1 : drawn / total;
  const bar = "█".repeat(Math.round(share * BAR)).padEnd(BAR, "░");
  const left = drawn === 0 ? "" : `, ${inWords((ms / drawn) * (total - drawn))} left`;
  const percent = `${Math.floor(share * 100)}`.padStart(3);
  return `${bar} ${percent} %  ${number(drawn)} of ${number(total)} images${left}`;
}

const number = (n: number): string => n.toLocaleString("en-US");

/** On a terminal a bar that rewrites itself; elsewhere (a log, a pipe) one line a tar. `end` leaves a clean line. */
export function showProgress(screen: Screen, images: number, tars: number): DrawListener & { end(): void } {
  const started = performance.now();
  let drawn = 0;
  let finished = 0;
  const bar = () => {
    if (screen.isTTY) screen.write(`\r\x1b[2K${progressLine(drawn, images, performance.now() - started)}`);
  };
  bar();
  return {
    onImages(count) {
      drawn += count;
      bar();
    },
    onTar({ file, count, bytes }: TarEntry) {
      finished++;
      if (screen.isTTY) return;
      const size = `${(bytes / 1e6).toFixed(1)} MB`;
      screen.write(`${file}: ${number(count)} images, ${size} (${finished} of ${tars})\n`);
    },
    end() {
      if (screen.isTTY) screen.write("\r\x1b[2K");
    },
  };
}
