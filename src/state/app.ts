import { type Family, findFamily } from "#checkpoints/manifest.ts";
import type { EngineEvent } from "#workers/protocol.ts";
import { type Batch, type BatchEvent, batchReducer } from "./batch.ts";
import {
  type EngineRestarted,
  type EngineView,
  engineReducer,
  INITIAL_ENGINE,
  type LoadRequested,
  partKey,
} from "./engine.ts";
import { type Gallery, type GalleryEvent, galleryReducer, INITIAL_GALLERY } from "./gallery/reducer.ts";
import type { Notice } from "./notices.ts";
import type { Page } from "./page.ts";
import { DEFAULT_PREFERENCES, type Preferences } from "./preferences.ts";
import { DEFAULT_SETTINGS, type GenerateSettings } from "./settings.ts";

/** Everything the page shows; what the Compare page shows has a store of its own. */
export interface App {
  readonly page: Page;
  readonly engine: EngineView;
  readonly settings: GenerateSettings;
  readonly batch: Batch | null;
  readonly gallery: Gallery;
  readonly preferences: Preferences;
  readonly notices: readonly Notice[];
  /** The connection is metered or Save-Data is on: the heavy download waits to be agreed to. */
  readonly metered: boolean;
}

/** Everything that can happen, from the engine and from the reader. */
export type AppEvent =
  | EngineEvent
  | LoadRequested
  | EngineRestarted
  | BatchEvent
  | GalleryEvent
  | { readonly type: "page-opened"; readonly page: Page }
  | { readonly type: "settings-changed"; readonly change: Partial<GenerateSettings> }
  | { readonly type: "preferences-changed"; readonly change: Partial<Preferences> }
  | { readonly type: "noticed"; readonly notice: Notice }
  | { readonly type: "notice-dismissed"; readonly id: number };

export const INITIAL_APP: App = {
  page: "generate",
  engine: INITIAL_ENGINE,
  settings: DEFAULT_SETTINGS,
  batch: null,
  gallery: INITIAL_GALLERY,
  preferences: DEFAULT_PREFERENCES,
  notices: [],
  metered: false,
};

/** At most so many messages stand on the page; the oldest gives way. */
const NOTICES = 3;

/** Pure: hands each event to the part of the state it belongs to. */
export function appReducer(app: App, event: AppEvent): App {
  switch (event.type) {
    case "page-opened":
      return { ...app, page: event.page };
    case "settings-changed":
      return { ...app, settings: { ...app.settings, ...event.change } };
    case "preferences-changed":
      return { ...app, preferences: { ...app.preferences, ...event.change } };
    case "noticed":
      return { ...app, notices: [...app.notices, event.notice].slice(-NOTICES) };
    case "notice-dismissed":
      return { ...app, notices: app.notices.filter((notice) => notice.id !== event.id) };
    case "gallery-listed":
    case "gallery-added":
    case "gallery-removed":
    case "gallery-failed":
      return { ...app, gallery: galleryReducer(app.gallery, event) };
    case "load-requested":
    case "engine-restarted":
      return { ...app, engine: engineReducer(app.engine, event) };
    case "batch-started":
    case "run-sent":
    case "draft-skipped":
    case "drafts-kept":
    case "batch-cancelled":
    case "image-removed":
    case "image-restored":
      return { ...app, batch: batchReducer(app.batch, event) };
    default:
      return { ...app, engine: engineReducer(app.engine, event), batch: batchReducer(app.batch, event) };
  }
}

/** The family that is chosen; undefined before the manifest and when it does not know the name. */
export const selectFamily = (app: App): Family | undefined =>
  app.engine.manifest ? findFamily(app.engine.manifest, app.settings.family) : undefined;

/** Whether pictures are being made or waited for. */
export const selectActive = (app: App): boolean => app.batch?.state.status === "active";

/** Whether the heavy model waits for the reader's word. */
export const selectHeavyAsks = (app: App): boolean =>
  app.metered && !app.preferences.heavyAgreed && !app.engine.parts[partKey(app.settings.family, "heavy")];
