// @ts-check
/** `npm run soak`: `npm test` with 20,000 damaged files a parser instead of 500, trainings that are killed 20 times instead of
 *  twice, and more patience. */
process.env.STEADYFLOW_SOAK = "1";
await import("./test.mjs");
