import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { download, newestPins } from "./apt.ts";
import { readPins, writePins, type Architecture, type Pin } from "./pins.ts";
import { readTar, type Entry } from "./tar.ts";

/** A package by its name. */
export interface DebianPackage extends Pin {
  readonly name: string;
  /** What it would install. */
  readonly entries: readonly Entry[];
  /** Its paragraph of dpkg's database. */
  readonly control: string;
}

/** Where packages are kept, and what becomes of a pin that Debian's archive does not have any more. */
export interface Store {
  readonly folder: string;
  /** Take the newest versions of all in its place; without it that is an Error. */
  readonly newest: boolean;
}

/**
 * The pinned packages of one architecture, from the store or, for those that are not there yet, by apt, and checked by
 * their hashes in either case. The machine's own lists of packages and its architectures stay as they are.
 */
export function debianPackages(architecture: Architecture, { folder, newest }: Store): readonly DebianPackage[] {
  mkdirSync(folder, { recursive: true });
  const pins = readPins()[architecture];
  try {
    return opened(pins, { architecture, folder });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (!newest) throw new Error(`${reason}\n${remedy}`);
    console.warn(`${reason}\nThe newest packages are taken in their place: this image is not the pinned one.`);
    return opened(newestPins(architecture, Object.keys(pins)), { architecture, folder });
  }
}

const remedy =
  "The packages come from the archive of Debian 12 that apt is set up with. It keeps the newest versions only: npm run image -- --renew pins those.";

function opened(
  pins: Readonly<Record<string, Pin>>,
  { architecture, folder }: { readonly architecture: Architecture; readonly folder: string },
): readonly DebianPackage[] {
  const all = Object.entries(pins);
  const missing = all.filter(([name, pin]) => !existsSync(join(folder, fileName(name, pin))));
  if (missing.length > 0) {
    const words = missing.map(([name, { version }]) => `${name}=${version}`);
    download(words, { architecture, folder });
  }
  return all.map(([name, pin]) => openPackage(name, { pin, folder }));
}

function openPackage(name: string, { pin, folder }: { readonly pin: Pin; readonly folder: string }): DebianPackage {
  const path = join(folder, fileName(name, pin));
  const found = createHash("sha256").update(readFileSync(path)).digest("hex");
  if (found !== pin.sha256) {
    rmSync(path);
    throw new Error(`${fileName(name, pin)} has the hash ${found} and not ${pin.sha256}, and was thrown away`);
  }
  const unpack = (argv: readonly string[]): Buffer => execFileSync("dpkg-deb", argv, { maxBuffer: 256 * 1024 ** 2 });
  const entries = readTar(unpack(["--fsys-tarfile", path]));
  return { name, ...pin, entries, control: unpack(["--field", path]).toString() };
}

/** As apt names what it downloads. */
function fileName(name: string, { version, architecture }: Pin): string {
  return `${name}_${version.replace(":", "%3a")}_${architecture}.deb`;
}

/** Pins the newest version of every package that is pinned. */
export function renewPins(): void {
  const { amd64, arm64 } = readPins();
  writePins({
    amd64: newestPins("amd64", Object.keys(amd64)),
    arm64: newestPins("arm64", Object.keys(arm64)),
  });
}
