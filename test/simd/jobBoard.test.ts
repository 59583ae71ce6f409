import { expect, test } from "vitest";
import { JobBoard } from "#simd/jobBoard.ts";

/** Arguments that do something when the board reads them: a helper that looks while a job is being written. */
function whileRead(look: () => void): readonly number[] {
  return new Proxy([1], {
    get: (target, name) => {
      if (name === "0") look();
      return Reflect.get(target, name);
    },
  });
}

test("while a job is being written, nothing can be taken of the one before, be it shorter", () => {
  const board = new JobBoard();
  const helper = new JobBoard(board.memory);
  const first = board.post(0, 0, 0, 0, []); // a message: a job of no chunks
  const taken: number[] = [];
  const second = board.post(
    0,
    0,
    8,
    8,
    whileRead(() => taken.push(helper.take(first, 8))),
  );
  expect(taken).toEqual([-1]);
  expect(Array.from({ length: 9 }, () => helper.take(second, 8))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, -1]);
});

test("a job's chunks are counted from nought, whoever was late for the one before", () => {
  const board = new JobBoard();
  const helper = new JobBoard(board.memory);
  const first = board.post(0, 0, 2, 2, []);
  expect([helper.take(first, 2), board.take(first, 2)]).toEqual([0, 1]);
  helper.done(false);
  board.done(false);
  expect(board.settled(2)).toBe(true);
  const second = board.post(0, 0, 4, 4, []);
  expect(helper.take(first, 2)).toBe(-1);
  expect(helper.take(second, 4)).toBe(0);
});
