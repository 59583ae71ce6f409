/** Group 1 of every kernel: a table of rows, each `tableWidth` vectors wide, and the row that each sample (or each row of a
 *  product) takes from it. Modulations are such a table, and so is the embedding of labels. */
export const ROW_TABLE = /* wgsl */ `
@group(1) @binding(0) var<storage, read> table: array<vec4<f32>>;
@group(1) @binding(1) var<storage, read> rowOf: array<u32>;
`;
