/** Writes a data set of drawn noise into the browser's storage, which only a worker may do, and answers with its id. */
import { browserDatasets } from "#datasets/browserDatasets.ts";
import { about } from "../datasets/support.ts";

self.onmessage = async ({ data: { count, size } }: MessageEvent<{ count: number; size: number }>) => {
  const writer = await browserDatasets().create(size);
  for (let i = 0; i < count; i++) {
    const colour = [i * 37, i * 59 + 80, i * 83 + 160];
    const stripes = Uint8Array.from({ length: 3 * size * size }, (_, at) =>
      Math.floor(at / (3 * (2 + (i % 5)))) % 2 ? colour[at % 3] : 255 - colour[at % 3],
    );
    await writer.add(stripes);
  }
  const { id } = await writer.finish(
    about(count, { classNames: ["stripes"], labels: new Array(count).fill(0) }),
  );
  self.postMessage(id);
};
