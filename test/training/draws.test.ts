import { describe, expect, test } from "vitest";
import { stepDraws } from "#training/draws.ts";

const shape = { channels: 2, height: 2, width: 3 };

describe("the chance of a run", () => {
  test("shows every sample once an epoch, each epoch in another order, batches across the border too", () => {
    const draw = stepDraws(7, 4, 10, shape);
    const places = Array.from({ length: 5 }, (_, step) => [...draw(step).places]).flat();
    for (const epoch of [places.slice(0, 10), places.slice(10)])
      expect(epoch.toSorted((a, b) => a - b)).toEqual([...Array(10).keys()]);
    expect(places.slice(0, 10)).not.toEqual(places.slice(10));
  });

  test("of a step is the same wherever the run was taken up", () => {
    const through = stepDraws(7, 4, 10, shape);
    for (let step = 0; step < 9; step++) through(step);
    const [late, alone] = [through(9), stepDraws(7, 4, 10, shape)(9)];
    expect(late.places).toEqual(alone.places);
    expect(late.times).toEqual(alone.times);
    expect(late.dropouts).toEqual(alone.dropouts);
    expect(late.noise(1, 3)).toEqual(alone.noise(1, 3));
  });

  test("depends on the slot's place in the whole run, not on how slots make batches", () => {
    const [fours, twos] = [stepDraws(7, 4, 10, shape), stepDraws(7, 2, 10, shape)];
    expect(fours(1).times).toEqual(Float64Array.of(...twos(2).times, ...twos(3).times));
    expect(fours(1).noise(2, 4)).toEqual(twos(3).noise(0, 2));
    expect(fours(1).noise(0, 4).subarray(24)).toEqual(fours(1).noise(2, 4));
  });

  test("is another one for another seed", () => {
    const [a, b] = [stepDraws(7, 4, 10, shape)(0), stepDraws(8, 4, 10, shape)(0)];
    expect(a.places).not.toEqual(b.places);
    expect(a.times).not.toEqual(b.times);
    expect(a.noise(0, 1)).not.toEqual(b.noise(0, 1));
  });

  test("covers (0, 1) evenly", () => {
    const draw = stepDraws(1, 500, 1000, shape)(3);
    for (const u of [draw.times, draw.dropouts])
      expect(u.reduce((sum, value) => sum + value, 0) / 500).toBeCloseTo(0.5, 1); // σ of the mean is 0.013
  });
});
