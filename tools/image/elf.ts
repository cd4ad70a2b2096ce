/** What a program or shared library says about those that it cannot run without. */
export interface Linkage {
  /** Names of shared libraries: `libc.so.6`. */
  readonly needed: readonly string[];
  /** Absolute path of the loader, in programs only. */
  readonly interpreter?: string;
}

// Of the ELF format for 64 bits and little ends: types of program headers and tags of the dynamic section.
const load = 1;
const dynamic = 2;
const interp = 3;
const neededTag = 1n;
const stringsTag = 5n;

/** Reads the linkage of an ELF file; throws an Error for what is no ELF file of 64 bits with little ends. */
export function linkageOf(file: Buffer): Linkage {
  if (file.toString("latin1", 0, 6) !== "\x7fELF\x02\x01") throw new Error("Not an ELF file of 64 bits, little ends");
  const segments = programHeaders(file);
  const path = segments.find(({ type }) => type === interp);
  const table = segments.find(({ type }) => type === dynamic);
  const tags = table === undefined ? [] : dynamicTags(file.subarray(table.offset, table.offset + table.size));
  const strings = tags.find(({ tag }) => tag === stringsTag)?.value ?? 0;
  const within = segments.find(
    (one) => one.type === load && one.address <= strings && strings < one.address + one.size,
  );
  const base = strings - (within?.address ?? 0) + (within?.offset ?? 0);
  const needed = tags.filter(({ tag }) => tag === neededTag).map(({ value }) => stringAt(file, base + value));
  return { needed, ...(path !== undefined && { interpreter: stringAt(file, path.offset) }) };
}

function programHeaders(file: Buffer) {
  const first = Number(file.readBigUInt64LE(32));
  const each = file.readUInt16LE(54);
  return Array.from({ length: file.readUInt16LE(56) }, (_, index) => {
    const at = first + index * each;
    const number = (offset: number): number => Number(file.readBigUInt64LE(at + offset));
    return { type: file.readUInt32LE(at), offset: number(8), address: number(16), size: number(32) };
  });
}

function dynamicTags(section: Buffer) {
  return Array.from({ length: Math.floor(section.length / 16) }, (_, index) => ({
    tag: section.readBigUInt64LE(index * 16),
    value: Number(section.readBigUInt64LE(index * 16 + 8)),
  }));
}

function stringAt(file: Buffer, offset: number): string {
  return file.toString("latin1", offset, file.indexOf(0, offset));
}
