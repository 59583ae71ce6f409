import type { TestProject } from "vitest/node";
import { listenLocally, serveFolder } from "../../scripts/serve/server.mjs";
import { DIST, ensureBuild } from "../../scripts/setup/build.mjs";

declare module "vitest" {
  export interface ProvidedContext {
    /** Address of the served production build, with a slash at its end. */
    baseUrl: string;
    /** The folder that is served, for tests that serve it in their own way. */
    dist: string;
  }
}

/** Builds the page when its sources have changed and serves dist/ for all e2e files: `inject("baseUrl")`. */
export default async function serveBuild(project: TestProject): Promise<() => Promise<void>> {
  await ensureBuild();
  const server = await listenLocally(serveFolder({ root: DIST }), 0);
  project.provide("baseUrl", `http://127.0.0.1:${server.port}/`);
  project.provide("dist", DIST);
  return () => server.close();
}
