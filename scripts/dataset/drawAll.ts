import { Worker } from "node:worker_threads";
import type { TarEntry } from "./drawTar.ts";
import { DatasetFailure } from "./errors.ts";
import type { Answer, Task } from "./worker.ts";

/** Drawing is bound by the processor and a task needs about 30 MB; two keep small machines usable. */
const THREADS = 2;

export interface DrawListener {
  onImages(count: number): void;
  onTar(entry: TarEntry): void;
}

/** Draws all tasks in worker threads, in order of the list. Rejects with the first DatasetFailure; no thread runs
 *  afterwards, in either case, and what was finished by then is on disk. */
export async function drawAll(tasks: readonly Task[], listener: DrawListener): Promise<void> {
  const queue = [...tasks];
  const workers: Worker[] = [];
  const serve = () =>
    new Promise<void>((resolve, reject) => {
      const worker = new Worker(new URL("./worker.mjs", import.meta.url));
      workers.push(worker);
      const next = () => {
        const task = queue.shift();
        if (task) worker.postMessage(task);
        else resolve();
      };
      worker.on("error", reject);
      worker.on("exit", (code) => reject(new Error(`a drawing thread ended by itself (exit code ${code})`)));
      worker.on("message", (answer: Answer) => {
        switch (answer.type) {
          case "images":
            return listener.onImages(answer.count);
          case "drawn":
            listener.onTar(answer.entry);
            return next();
          case "failed":
            return reject(new DatasetFailure(answer.error));
          default:
            answer satisfies never;
        }
      });
      next();
    });
  try {
    await Promise.all(Array.from({ length: Math.min(THREADS, tasks.length) }, serve));
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}
