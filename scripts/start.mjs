// @ts-check
/** `npm start`: installs what is missing, builds when the sources have changed, serves dist/ and prints the address.
 *  PORT asks for one port; without it the first free one from 4173 is taken. */
import { codeOf, listenLocally, serveFolder } from "./serve/server.mjs";
import { DIST, ensureBuild } from "./setup/build.mjs";
import { ensureDependencies } from "./setup/dependencies.mjs";
import { requireNode } from "./setup/node-version.mjs";
import { say } from "./setup/say.mjs";

const FIRST_PORT = 4173; // vite preview's, so that bookmarks of either work
const TRIES = 50;

requireNode();
await ensureDependencies();
await ensureBuild();
const server = await listenSomewhere();
process.stdout.write(`steadyflow is ready at http://localhost:${server.port}/ (Ctrl+C stops it)\n`);
for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM"])) {
  process.once(signal, async () => {
    await server.close();
    say("stopped.");
    process.exit(0);
  });
}

async function listenSomewhere() {
  const wanted = process.env.PORT;
  const first = wanted ? Number(wanted) : FIRST_PORT;
  if (!Number.isInteger(first) || first < 0 || first > 65_535) {
    say(`PORT is "${wanted}", which is not a port: 0 to 65535.`);
    process.exit(1);
  }
  const last = wanted ? first : first + TRIES - 1;
  for (let port = first; port <= last; port++) {
    try {
      return await listenLocally(serveFolder({ root: DIST }), port);
    } catch (error) {
      if (codeOf(error) !== "EADDRINUSE") {
        say(`port ${port} cannot be opened: ${error instanceof Error ? error.message : String(error)}`);
        process.exit(1);
      }
    }
  }
  say(
    wanted
      ? `port ${first} is taken. Choose another: PORT=${first + 1} npm start`
      : `no free port from ${first} to ${last}. Choose one: PORT=8080 npm start`,
  );
  return process.exit(1);
}
