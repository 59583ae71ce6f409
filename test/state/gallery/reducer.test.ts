import { expect, test } from "vitest";
import { batchReducer, finishedImages } from "#state/batch.ts";
import type { GalleryEntry } from "#state/gallery/entry.ts";
import { type GalleryEvent, galleryReducer, INITIAL_GALLERY, isFavourite } from "#state/gallery/reducer.ts";
import { batchOf, imageEvent } from "../support.ts";

const [image] = finishedImages(
  [{ type: "run-sent", run: 0, job: 1 } as const, imageEvent(1, 0, 1)].reduce(batchReducer, batchOf()),
);
if (!image) throw new Error("no picture");
const entry = (key: string, at: number): GalleryEntry => ({
  key,
  at,
  favourite: false,
  image: { ...image, key },
});
const after = (...events: readonly GalleryEvent[]) => events.reduce(galleryReducer, INITIAL_GALLERY);
const keys = (...events: readonly GalleryEvent[]) => after(...events).entries.map(({ key }) => key);

test("the newest picture comes first and none comes twice", () => {
  expect(
    keys(
      { type: "gallery-added", entries: [entry("a", 1)] },
      { type: "gallery-added", entries: [entry("b", 2), entry("a", 1)] },
    ),
  ).toEqual(["b", "a"]);
});

test("a picture that is put back returns to its place", () => {
  const listed: GalleryEvent = {
    type: "gallery-listed",
    entries: [entry("c", 3), entry("b", 2), entry("a", 1)],
  };
  expect(keys(listed, { type: "gallery-removed", keys: ["b"] })).toEqual(["c", "a"]);
  expect(
    keys(
      listed,
      { type: "gallery-removed", keys: ["b"] },
      { type: "gallery-added", entries: [entry("b", 2)] },
    ),
  ).toEqual(["c", "b", "a"]);
});

test("a favourite is one until it no longer is", () => {
  const added: GalleryEvent = { type: "gallery-added", entries: [entry("a", 1)] };
  const liked: GalleryEvent = {
    type: "gallery-added",
    entries: [{ ...entry("a", 1), favourite: true }],
  };
  expect(isFavourite(after(added), "a")).toBe(false);
  expect(isFavourite(after(added, liked), "a")).toBe(true);
  expect(isFavourite(after(added, liked, added), "a")).toBe(false);
});

test("a gallery that cannot be kept still shows the pictures of this visit", () => {
  const error = { kind: "Unavailable", detail: "private window" } as const;
  const gallery = after(
    { type: "gallery-failed", error },
    { type: "gallery-added", entries: [entry("a", 1)] },
  );
  expect(gallery).toMatchObject({ status: "unavailable", error, entries: [{ key: "a" }] });
});
