// @ts-check
/** Starts worker.ts: what `--import tsx` teaches Node about TypeScript does not reach its worker threads (tsx 4.23). */
import { register } from "tsx/esm/api";

register();
await import("./worker.ts");
