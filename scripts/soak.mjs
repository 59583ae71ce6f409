// @ts-check
/** `npm run soak`: `npm test` with the long versions: more mutations, longer trainings, bigger batches. */
process.env.STEADYFLOW_SOAK = "1";
await import("./test.mjs");
