import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** As Debian, Go and OCI name them. */
export type Architecture = "amd64" | "arm64";

/** One version of one package. */
export interface Pin {
  readonly version: string;
  /** `all` for one that is the same on every architecture. */
  readonly architecture: string;
  readonly sha256: string;
}

/** By architecture and package, all that the image takes from Debian. */
export type Pins = Readonly<Record<Architecture, Readonly<Record<string, Pin>>>>;

const pinsFile = join(import.meta.dirname, "debian.json");

/** Reads the pinned versions. */
export function readPins(): Pins {
  return JSON.parse(readFileSync(pinsFile, "utf8")) as Pins;
}

/** Writes them in one step. */
export function writePins(pins: Pins): void {
  const partial = `${pinsFile}.${process.pid}`;
  writeFileSync(partial, `${JSON.stringify(pins, undefined, 2)}\n`);
  renameSync(partial, pinsFile);
}
