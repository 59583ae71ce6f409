import { expect, test } from "vitest";
import { ArrivingLayers } from "#models/arrivingLayers.ts";
import { ModelError } from "#models/modelError.ts";

const weight = (...values: number[]) => ({ shape: [values.length], values: Float32Array.from(values) });

test("a layer is placed once, when the later of matrix and bias comes, whichever that is", () => {
  const placed: string[] = [];
  const layers = new ArrivingLayers(new Set(["a", "b"]), (name, matrix, bias) => {
    placed.push(`${name} ${matrix.values.join()} ${bias.join()}`);
    return name.toUpperCase();
  });
  layers.offer("a.weight", weight(1, 2));
  layers.offer("b.bias", weight(3));
  expect(placed).toEqual([]);
  layers.offer("b.weight", weight(4, 5));
  layers.offer("a.bias", weight(6));
  expect(placed).toEqual(["b 4,5 3", "a 1,2 6"]);
  expect([layers.layer("a"), layers.layer("b")]).toEqual(["A", "B"]);
});

test("what belongs to no layer is kept, what was placed is not", () => {
  const layers = new ArrivingLayers(new Set(["a"]), () => null);
  for (const name of ["a.weight", "table", "other.weight", "a.bias", "other.bias"])
    layers.offer(name, weight(1));
  expect([...layers.others.keys()]).toEqual(["table", "other.weight", "other.bias"]);
});

test("a layer of which a half is missing is named", () => {
  const layers = new ArrivingLayers(new Set(["a"]), () => null);
  layers.offer("a.weight", weight(1));
  expect(() => layers.layer("a")).toThrow(ModelError);
});
