import { expect, test } from "vitest";
import { INITIAL_APP } from "#state/app.ts";
import type { FinishedImage } from "#state/batch.ts";
import { type GalleryDatabase, openGallery } from "#state/gallery/database.ts";
import type { GalleryEntry } from "#state/gallery/entry.ts";
import { createLibrary } from "#state/gallery/library.ts";
import type { NoticeContent } from "#state/notices.ts";
import { createAppStore } from "#state/store.ts";
import { noticeWords } from "#ui/app/Notices/words.ts";
import { emptyText } from "#ui/gallery/words.ts";
import { imageEvent } from "../support.ts";

/** The real gallery where there is no IndexedDB, as in Node. */
async function openLibrary() {
  const store = createAppStore(INITIAL_APP);
  const notices: NoticeContent[] = [];
  const channel = { announce: () => {}, onAnnounced: () => {} };
  const library = createLibrary(store, openGallery(), channel, (notice) => notices.push(notice), Date.now);
  library.begin();
  const settled = () => new Promise((go) => setTimeout(go, 20));
  await settled();
  return { library, notices, settled, gallery: () => store.getState().gallery };
}

function picture(key: string): FinishedImage {
  const event = imageEvent(1, 0, 1);
  if (event.type !== "image") throw new Error("not an image");
  const { settings, passes, ms, width, height, rgba } = event;
  return { key, pixels: { width, height, rgba: new Uint8ClampedArray(rgba) }, settings, passes, ms };
}

test("without IndexedDB pictures are shown, and it is said once in words without the browser's own", async () => {
  const t = await openLibrary();
  expect(t.gallery().status).toBe("unavailable");
  for (const key of ["a", "b"]) {
    t.library.add([picture(key)]);
    await t.settled();
  }
  expect(
    t
      .gallery()
      .entries.map((entry) => entry.key)
      .sort(),
  ).toEqual(["a", "b"]);
  expect(t.notices.length).toBe(1);
  const { text, bad } = noticeWords(t.notices[0]);
  expect(bad).toBe(true);
  expect(text).toContain("until the page is closed");
  expect(text).not.toMatch(/indexedDB|defined|null/i);
});

test("without IndexedDB there is nothing to delete, and the gallery goes on saying that it keeps nothing", async () => {
  const t = await openLibrary();
  t.library.add([picture("a")]);
  await t.library.destroy();
  expect(t.gallery()).toMatchObject({ status: "unavailable", entries: [] });
});

test("a list that was read before a picture was added does not take it off the screen", async () => {
  const store = createAppStore(INITIAL_APP);
  const kept: GalleryEntry[] = [];
  const lists: (() => void)[] = [];
  const database: GalleryDatabase = {
    ...openGallery(),
    list() {
      const seen = [...kept];
      return new Promise((answer) => lists.push(() => answer(seen)));
    },
    async put(entries) {
      kept.push(...entries);
    },
  };
  const channel = { announce: () => {}, onAnnounced: () => {} };
  const library = createLibrary(store, database, channel, () => {}, Date.now);
  library.begin();
  library.add([picture("a")]);
  for (let read = lists.shift(); read; read = lists.shift()) {
    read();
    await new Promise((go) => setTimeout(go, 0));
  }
  expect(store.getState().gallery).toMatchObject({ status: "open", entries: [{ key: "a" }] });
});

test("an empty gallery that cannot keep pictures does not promise to", () => {
  expect(emptyText("unavailable", "all")).not.toContain("kept");
  expect(emptyText("open", "all")).toContain("kept");
});
