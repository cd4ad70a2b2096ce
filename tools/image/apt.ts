import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Architecture, Pin } from "./pins.ts";

/**
 * Downloads packages, given as `name=version`, into a folder in which each appears whole. With the machine's own lists
 * of packages where they have these, which is a matter of seconds. Throws an Error with what apt said.
 */
export function download(
  words: readonly string[],
  { architecture, folder }: { readonly architecture: Architecture; readonly folder: string },
): void {
  const partial = mkdtempSync(join(folder, ".partial-"));
  try {
    fetch(["download", ...words], { architecture, partial });
    for (const name of readdirSync(partial)) renameSync(join(partial, name), join(folder, name));
  } finally {
    rmSync(partial, { recursive: true });
  }
}

function fetch(
  argv: readonly string[],
  { architecture, partial }: { readonly architecture: Architecture; readonly partial: string },
): void {
  try {
    if (execFileSync("dpkg", ["--print-architecture"], { encoding: "utf8" }).trim() === architecture) {
      execFileSync("apt-get", argv, { cwd: partial, stdio: "ignore" });
      return;
    }
  } catch {
    // They are too old, or there are none.
  }
  withApt(architecture, (apt) => apt("apt-get", argv, partial));
}

/** The newest version of each package that apt knows, by name. */
export function newestPins(architecture: Architecture, names: readonly string[]): Readonly<Record<string, Pin>> {
  return withApt(architecture, (apt) => Object.fromEntries(names.map((name) => newestOf(name, apt))));
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
