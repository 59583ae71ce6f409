// Splits a .safetensors file into shards of at most 15 MiB: tensors unchanged bit for bit and in their old order,
// the metadata repeated in each shard.   usage: node scripts/shard-safetensors.mjs FILE.safetensors OUT_DIR [maxMiB]
import { readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";

const [, , file, outDir, maxMiB = "15"] = process.argv;
if (!file || !outDir)
  throw new Error("usage: node scripts/shard-safetensors.mjs FILE.safetensors OUT_DIR [maxMiB]");

const bytes = readFileSync(file);
const headerBytes = Number(bytes.readBigUInt64LE(0));
const { __metadata__: metadata, ...header } = JSON.parse(bytes.toString("utf8", 8, 8 + headerBytes));
const data = bytes.subarray(8 + headerBytes);
const tensors = Object.entries(header).sort(([, a], [, b]) => a.data_offsets[0] - b.data_offsets[0]);

const count = Math.ceil(bytes.length / (Number(maxMiB) * 2 ** 20));
const target = data.length / count; // shards of about equal size download in about equal time
const shards = Array.from({ length: count }, () => []);
for (const entry of tensors)
  shards[Math.min(count - 1, Math.floor(entry[1].data_offsets[0] / target))].push(entry);

shards.forEach((entries, i) => {
  let offset = 0;
  const shardHeader = { ...(metadata && { __metadata__: metadata }) };
  const parts = entries.map(
    ([
      name,
      {
        dtype,
        shape,
        data_offsets: [begin, end],
      },
    ]) => {
      shardHeader[name] = { dtype, shape, data_offsets: [offset, offset + end - begin] };
      offset += end - begin;
      return data.subarray(begin, end);
    },
  );
  let text = Buffer.from(JSON.stringify(shardHeader));
  text = Buffer.concat([text, Buffer.alloc((8 - (text.length % 8)) % 8, " ")]);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  const number = (n) => String(n).padStart(5, "0");
  const stem = basename(file, ".safetensors");
  const name =
    count === 1 ? `${stem}.safetensors` : `${stem}-${number(i + 1)}-of-${number(count)}.safetensors`;
  writeFileSync(join(outDir, name), Buffer.concat([length, text, ...parts]));
  console.log(name, 8 + text.length + offset);
});
