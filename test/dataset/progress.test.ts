import { expect, test } from "vitest";
import { progressLine, showProgress } from "../../scripts/dataset/progress.ts";
import { listener } from "./support.ts";

test("the bar says how much is drawn and how long the rest takes at the pace so far", () => {
  expect(progressLine(0, 28000, 0)).toBe("░░░░░░░░░░░░░░░░░░░░░░░░   0 %  0 of 28,000 images");
  expect(progressLine(7000, 28000, 60_000)).toBe(
    "██████░░░░░░░░░░░░░░░░░░  25 %  7,000 of 28,000 images, 3 min 0 s left",
  );
  expect(progressLine(28000, 28000, 60_000)).toContain("100 %  28,000 of 28,000 images, 0.0 s left");
  expect(progressLine(27_000, 28_000, 9_999_000).length).toBeLessThan(80); // a bar that wraps would not be wiped
});

const tar = { file: "train-00000.tar", bytes: 8_400_000, sha256: "", count: 2000, pixelsSha256: "" };

test("a terminal gets one line that rewrites itself and is wiped at the end", () => {
  const screen = listener(true);
  const progress = showProgress(screen, 2000, 1);
  progress.onImages(1000);
  progress.onTar(tar);
  progress.end();
  expect(screen.said()).not.toContain("\n");
  expect(screen.said()).toContain("50 %");
  expect(screen.said().endsWith("\r\x1b[2K")).toBe(true);
});

test("a log gets one line a tar", () => {
  const screen = listener();
  const progress = showProgress(screen, 2000, 1);
  progress.onImages(1000);
  progress.onTar(tar);
  progress.end();
  expect(screen.said()).toBe("train-00000.tar: 2,000 images, 8.4 MB (1 of 1)\n");
});
