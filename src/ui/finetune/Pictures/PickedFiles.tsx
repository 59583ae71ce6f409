import { type ReactNode, useMemo } from "react";
import type { Importing } from "#state/finetune/importing.ts";
import type { Pixels } from "#state/pixels.ts";
import { countText } from "#ui/shared/format.ts";
import { PixelCanvas } from "#ui/shared/PixelCanvas.tsx";
import { Segmented } from "#ui/shared/Segmented.tsx";
import type { Previews } from "#workers/picturesProtocol.ts";
import { useFinetuning } from "../context.ts";
import styles from "./PickedFiles.module.css";

type Preview = Previews["previews"][number];

export interface PickedFilesProps {
  readonly picked: Extract<Importing, { status: "picked" }>;
}

/** What was picked, and how it would become a data set: some pictures whole with the square that is kept, and that square as the
 *  models will see it. */
export function PickedFiles({ picked }: PickedFilesProps) {
  const finetuning = useFinetuning();
  const { options, previews, imageSize } = picked;
  const { name, crop, classes, nearDuplicates } = options;
  return (
    <div className={styles.picked}>
      <div className={styles.form}>
        <label className={styles.name}>
          <span>Name</span>
          <input
            value={name}
            maxLength={100}
            onChange={({ currentTarget }) => finetuning.changePick({ name: currentTarget.value })}
          />
        </label>
        <Segmented
          legend="Crop"
          options={[
            { value: "smart", label: "Where most happens", hint: "The square moves to where edges are" },
            { value: "centre", label: "Middle" },
          ]}
          value={crop}
          onChange={(value) => finetuning.changePick({ crop: value })}
        />
        <Segmented
          legend="Classes"
          options={[
            { value: "folders", label: "One a folder" },
            { value: "one", label: "One for all" },
          ]}
          value={classes}
          onChange={(value) => finetuning.changePick({ classes: value })}
        />
        <Segmented
          legend="Near duplicates"
          options={[
            { value: "skip", label: "Leave out" },
            { value: "keep", label: "Keep" },
          ]}
          value={nearDuplicates}
          onChange={(value) => finetuning.changePick({ nearDuplicates: value })}
        />
      </div>
      <p className={styles.count} role="status">
        {previews
          ? `${countText(previews.files, "file")}. Some of them, and how they become ${imageSize} × ${imageSize} pixels:`
          : "Looking into the files."}
      </p>
      {previews && previews.previews.length === 0 && (
        <p className={styles.none}>
          None of the files that were tried is a picture that can be used. Import them to see why.
        </p>
      )}
      <ul className={styles.previews}>
        {previews?.previews.map((preview) => (
          <li key={preview.path}>
            <CropPreview preview={preview} crop={crop} imageSize={imageSize} />
          </li>
        ))}
      </ul>
    </div>
  );
}

function CropPreview({
  preview,
  crop,
  imageSize,
}: {
  readonly preview: Preview;
  readonly crop: "smart" | "centre";
  readonly imageSize: number;
}): ReactNode {
  const { path, width, height, thumbnail } = preview;
  const { square, rgb } = preview[crop];
  const whole = useMemo(() => pixelsOfRgba(thumbnail), [thumbnail]);
  const image = useMemo(() => pixelsOfRgb(rgb, imageSize), [rgb, imageSize]);
  const share = (pixels: number, of: number) => `${(100 * pixels) / of}%`;
  return (
    <figure className={styles.preview}>
      <div className={styles.pair}>
        <div className={styles.whole} style={{ aspectRatio: `${width} / ${height}` }}>
          <PixelCanvas pixels={whole} name={`${path}, whole`} />
          <span
            aria-hidden="true"
            style={{
              left: share(square.left, width),
              top: share(square.top, height),
              width: share(square.side, width),
              height: share(square.side, height),
            }}
          />
        </div>
        <PixelCanvas pixels={image} name={`${path}, as the models see it`} className={styles.image} />
      </div>
      <figcaption title={path}>{path}</figcaption>
    </figure>
  );
}

const pixelsOfRgba = ({ width, height, rgba }: Preview["thumbnail"]): Pixels => ({
  width,
  height,
  rgba: new Uint8ClampedArray(rgba.buffer, rgba.byteOffset, rgba.byteLength),
});

function pixelsOfRgb(rgb: Uint8Array, side: number): Pixels {
  const rgba = new Uint8ClampedArray(4 * side * side);
  for (let p = 0, q = 0; q < rgba.length; p += 3, q += 4) {
    rgba.set(rgb.subarray(p, p + 3), q);
    rgba[q + 3] = 255;
  }
  return { width: side, height: side, rgba };
}
