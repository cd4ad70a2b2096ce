/** One thing in a root file system or in an archive. */
export type Entry =
  /** Somewhere for others to be. */
  | { readonly kind: "directory"; readonly path: string; readonly mode?: number }
  | { readonly kind: "file"; readonly path: string; readonly content: Buffer; readonly mode?: number }
  /** A symbolic link; `target` as it is written in the link. */
  | { readonly kind: "link"; readonly path: string; readonly target: string };

const blockBytes = 512;

/**
 * A tar archive (POSIX ustar) that depends on nothing but its entries: sorted by path, of root, from the first second
 * of 1970. Paths have neither a first nor a last slash. Throws an Error for a path of more than 100 bytes and for two
 * entries of one path.
 */
export function writeTar(entries: readonly Entry[]): Buffer {
  const sorted = entries.toSorted((one, other) => (one.path < other.path ? -1 : 1));
  const blocks = sorted.flatMap((entry, index) => {
    if (entry.path === sorted[index - 1]?.path) throw new Error(`${entry.path} is there twice`);
    const content = entry.kind === "file" ? entry.content : Buffer.alloc(0);
    return [header(entry, content.length), content, Buffer.alloc(-content.length & (blockBytes - 1))];
  });
  return Buffer.concat([...blocks, Buffer.alloc(2 * blockBytes)]);
}

function header(entry: Entry, size: number): Buffer {
  const path = entry.kind === "directory" ? `${entry.path}/` : entry.path;
  const target = entry.kind === "link" ? entry.target : "";
  for (const name of [path, target]) if (Buffer.byteLength(name) > 100) throw new Error(`${name} is too long for tar`);
  const block = Buffer.alloc(blockBytes);
  const octal = (value: number, digits: number): string => `${value.toString(8).padStart(digits, "0")}\0`;
  block.write(path, 0);
  block.write(octal(modeOf(entry), 7), 100);
  block.write(octal(0, 7), 108);
  block.write(octal(0, 7), 116);
  block.write(octal(size, 11), 124);
  block.write(octal(0, 11), 136);
  block.write(" ".repeat(8), 148);
  block.write({ file: "0", link: "2", directory: "5" }[entry.kind], 156);
  block.write(target, 157);
  block.write("ustar\u000000", 257);
  block.write("root", 265);
  block.write("root", 297);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return block;
}

function modeOf(entry: Entry): number {
  if (entry.kind === "link") return 0o777;
  return entry.mode ?? (entry.kind === "file" ? 0o644 : 0o755);
}

/**
 * The files and symbolic links of a tar archive, without its directories; paths as `writeTar` wants them. Longer names
 * than ustar has are left out. Throws an Error if the archive ends in the middle.
 */
export function readTar(archive: Buffer): readonly Entry[] {
  const entries: Entry[] = [];
  let longName = false;
  for (let at = 0; at < archive.length && archive[at] !== 0;) {
    const field = (offset: number, length: number): string =>
      archive.toString("utf8", at + offset, at + offset + length).replace(/\0.*$/s, "");
    const size = Number.parseInt(field(124, 12), 8);
    const content = archive.subarray(at + blockBytes, at + blockBytes + size);
    if (!(content.length === size)) throw new Error("The tar archive ends in the middle");
    const prefix = field(257, 6) === "ustar" ? field(345, 155) : "";
    const path = `${prefix === "" ? "" : `${prefix}/`}${field(0, 100)}`.replace(/^\.?\//, "");
    const type = field(156, 1);
    const mode = Number.parseInt(field(100, 8), 8) & 0o777;
    // "L" and "K" bring a name that is too long for the entry behind them.
    if (!longName && (type === "0" || type === "")) entries.push({ kind: "file", path, mode, content });
    if (!longName && type === "2") entries.push({ kind: "link", path, target: field(157, 100) });
    longName = type === "L" || type === "K";
    at += blockBytes + Math.ceil(size / blockBytes) * blockBytes;
  }
  return entries;
}
