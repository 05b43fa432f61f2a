// Writes GGUF version 3 files: typed metadata, then tensors of 32-bit floats.
import { writeFileSync } from 'node:fs'

const TYPES = { u32: 4, i32: 5, f32: 6, bool: 7, string: 8, array: 9 }
const ALIGNMENT = 32
const F32 = 0

const u32 = value => { const b = Buffer.alloc(4); b.writeUInt32LE(value); return b }
const u64 = value => { const b = Buffer.alloc(8); b.writeBigUInt64LE(BigInt(value)); return b }
const i32 = value => { const b = Buffer.alloc(4); b.writeInt32LE(value); return b }
const f32 = value => { const b = Buffer.alloc(4); b.writeFloatLE(value); return b }
const string = value => { const b = Buffer.from(value); return Buffer.concat([u64(b.length), b]) }
const bool = value => Buffer.from([value ? 1 : 0])
const scalar = { u32, i32, f32, bool, string }

// entries: [key, type, value], where type is u32, i32, f32, bool, string, or one of these followed by [].
function encodeEntry([key, type, value]) {
  if (!type.endsWith('[]')) return Buffer.concat([string(key), u32(TYPES[type]), scalar[type](value)])
  const element = type.slice(0, -2)
  return Buffer.concat([string(key), u32(TYPES.array), u32(TYPES[element]), u64(value.length),
    ...value.map(scalar[element])])
}

const padding = length => Buffer.alloc((ALIGNMENT - length % ALIGNMENT) % ALIGNMENT)

// tensors: { name, shape, data: Float32Array }, the shape with the fastest dimension first.
export function writeGguf(path, entries, tensors) {
  const head = [Buffer.from('GGUF'), u32(3), u64(tensors.length), u64(entries.length), ...entries.map(encodeEntry)]
  const bodies = []
  let offset = 0
  for (const { name, shape, data } of tensors) {
    const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
    head.push(string(name), u32(shape.length), ...shape.map(u64), u32(F32), u64(offset))
    bodies.push(bytes, padding(bytes.length))
    offset += bytes.length + padding(bytes.length).length
  }
  const header = Buffer.concat(head)
  writeFileSync(path, Buffer.concat([header, padding(header.length), ...bodies]))
}
