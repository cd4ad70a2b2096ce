import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readTar, type Entry } from "./tar.ts";

/** As Debian, Go and OCI name them. */
export type Architecture = "amd64" | "arm64";

/** One version of one package. */
export interface Pin {
  readonly version: string;
  /** `all` for one that is the same on every architecture. */
  readonly architecture: string;
  readonly sha256: string;
}

/** A package by its name. */
export interface DebianPackage extends Pin {
  readonly name: string;
  /** What it would install. */
  readonly entries: readonly Entry[];
  /** Its paragraph of dpkg's database. */
  readonly control: string;
}

/** By architecture and package, all that the image takes from Debian. */
export type Pins = Readonly<Record<Architecture, Readonly<Record<string, Pin>>>>;

const pinsFile = join(import.meta.dirname, "debian.json");

/** Reads the pinned versions. */
export function readPins(): Pins {
  return JSON.parse(readFileSync(pinsFile, "utf8")) as Pins;
}

/**
 * The pinned packages of one architecture, from `folder` or, for those that are not there yet, by apt, and checked by
 * their hashes in either case. The machine's own lists of packages and its architectures stay as they are.
 */
export function debianPackages(architecture: Architecture, folder: string): readonly DebianPackage[] {
  mkdirSync(folder, { recursive: true });
  const pins = Object.entries(readPins()[architecture]);
  const missing = pins.filter(([name, pin]) => !existsSync(join(folder, fileName(name, pin))));
  if (missing.length > 0) download(missing, { architecture, folder });
  return pins.map(([name, pin]) => openPackage(name, { pin, folder }));
}

/** With the machine's own lists of packages where they have these, which is a matter of seconds. */
function download(
  missing: readonly (readonly [string, Pin])[],
  { architecture, folder }: { readonly architecture: Architecture; readonly folder: string },
): void {
  const words = ["download", ...missing.map(([name, { version }]) => `${name}=${version}`)];
  try {
    if (execFileSync("dpkg", ["--print-architecture"], { encoding: "utf8" }).trim() === architecture) {
      execFileSync("apt-get", words, { cwd: folder, stdio: "ignore" });
      return;
    }
  } catch {
    // They are too old, or there are none.
  }
  withApt(architecture, (apt) => {
    try {
      apt("apt-get", words, folder);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(
        `${reason}\nThe packages come from the archive of Debian 12 that apt is set up with. It keeps the newest versions only: npm run image -- --renew pins those.`,
      );
    }
  });
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
  const renewed = Object.fromEntries(
    Object.entries(readPins()).map(([architecture, pins]) => {
      const newest = withApt(architecture as Architecture, (apt) =>
        Object.keys(pins).map((name) => newestOf(name, apt)),
      );
      return [architecture, Object.fromEntries(newest)];
    }),
  );
  const partial = `${pinsFile}.${process.pid}`;
  writeFileSync(partial, `${JSON.stringify(renewed, undefined, 2)}\n`);
  renameSync(partial, pinsFile);
}

function newestOf(name: string, apt: Apt): readonly [string, Pin] {
  const paragraph = apt("apt-cache", ["show", "--no-all-versions", name]);
  const field = (key: string): string => {
    const [, value] = new RegExp(`^${key}: (.+)$`, "m").exec(paragraph) ?? [];
    if (value === undefined) throw new Error(`apt does not say the ${key} of ${name}`);
    return value;
  };
  return [name, { version: field("Version"), architecture: field("Architecture"), sha256: field("SHA256") }];
}

/** Runs one of apt's programs, in a folder; answers what it writes. Throws an Error with what it said if it fails. */
type Apt = (program: string, argv: readonly string[], folder?: string) => string;

/** With an apt that knows one architecture only, and keeps what it knows in a folder of its own. */
function withApt<T>(architecture: Architecture, work: (apt: Apt) => T): T {
  const state = mkdtempSync(join(tmpdir(), "kured-apt-"));
  try {
    for (const folder of ["lists/partial", "cache/archives/partial"])
      mkdirSync(join(state, folder), { recursive: true });
    const configuration = join(state, "apt.conf");
    const settings = {
      "APT::Architecture": architecture,
      "APT::Architectures": architecture,
      "APT::Sandbox::User": "root",
      "Acquire::Languages": "none",
      "Acquire::Retries": "3",
      "Dir::State": state,
      "Dir::State::status": "/dev/null",
      "Dir::Cache": join(state, "cache"),
    };
    writeFileSync(
      configuration,
      Object.entries(settings)
        .map(([key, value]) => `${key} "${value}";\n`)
        .join(""),
    );
    const env = { ...process.env, APT_CONFIG: configuration };
    const apt: Apt = (program, argv, folder = state) =>
      execFileSync(program, argv, { cwd: folder, env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
    apt("apt-get", ["update", "--error-on=any"]);
    return work(apt);
  } finally {
    rmSync(state, { recursive: true, force: true });
  }
}
