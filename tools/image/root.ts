import { linkageOf } from "./elf.ts";
import type { DebianPackage } from "./debian.ts";
import type { NodeRuntime } from "./node.ts";
import type { Architecture } from "./pins.ts";
import type { Entry } from "./tar.ts";

/** What one image is made of. */
export interface Parts {
  readonly architecture: Architecture;
  readonly packages: readonly DebianPackage[];
  readonly node: NodeRuntime;
  /** `kured.mjs` and the parts that it loads, by their paths from it. */
  readonly code: ReadonlyMap<string, Buffer>;
  /** By file name. */
  readonly licences: ReadonlyMap<string, Buffer>;
}

/** One layer of the image, and what is said of it in the image's history. */
export interface Layer {
  readonly says: string;
  readonly entries: readonly Entry[];
}

/** Where Debian has the shared libraries of each architecture. */
const libraryFolders: Readonly<Record<Architecture, string>> = {
  amd64: "usr/lib/x86_64-linux-gnu",
  arm64: "usr/lib/aarch64-linux-gnu",
};

/**
 * What the kernel reads of /usr/bin/kured, so that it is a program without a shell in the image. One argument is all
 * that fits; the launcher of npm run build gives the same.
 */
const firstLine = "#!/usr/bin/node --v8-pool-size=1\n";

/** The root file system, what changes least first: a new kured is then a download of its last layer. */
export function layersOf(parts: Parts): readonly Layer[] {
  const { node, code, licences } = parts;
  return [
    { says: "libraries, certificates and nsenter of Debian 12", entries: withFolders([...baseOf(parts)]) },
    {
      says: "Node",
      entries: withFolders([
        { kind: "file", path: "usr/bin/node", mode: 0o755, content: node.binary },
        { kind: "file", path: "usr/share/doc/node/copyright", content: node.licence },
      ]),
    },
    {
      says: "kured",
      entries: withFolders([
        // Node goes by the name of the file that the link leads to: an ES module.
        { kind: "link", path: "usr/bin/kured", target: "../lib/kured/kured.mjs" },
        ...Array.from(code, ([name, content]): Entry => {
          const path = `usr/lib/kured/${name}`;
          if (name !== "kured.mjs") return { kind: "file", path, content };
          return { kind: "file", path, mode: 0o755, content: Buffer.concat([Buffer.from(firstLine), content]) };
        }),
        ...Array.from(licences, ([name, content]): Entry => {
          return { kind: "file", path: `usr/share/doc/kured/${name}`, content };
        }),
      ]),
    },
  ];
}

function baseOf({ architecture, packages, node }: Parts): readonly Entry[] {
  const nsenter = fileOf(packages, "usr/bin/nsenter");
  const [osRelease, certificates] = [fileOf(packages, "usr/lib/os-release"), certificatesOf(packages)];
  return [
    ...mergedFolders.map(([path, target]): Entry => ({ kind: "link", path, target })),
    ...["dev", "proc", "sys", "run", "root"].map((path): Entry => ({ kind: "directory", path })),
    { kind: "directory", path: "tmp", mode: 0o1777 },
    { kind: "file", path: "etc/group", content: Buffer.from(groups) },
    { kind: "file", path: "etc/nsswitch.conf", content: Buffer.from(nameServices) },
    { kind: "file", path: "etc/os-release", content: osRelease },
    { kind: "file", path: "etc/passwd", content: Buffer.from(users) },
    { kind: "file", path: "etc/ssl/certs/ca-certificates.crt", content: certificates },
    { kind: "file", path: "usr/bin/nsenter", mode: 0o755, content: nsenter },
    ...librariesFor([nsenter, node.binary], { architecture, packages }),
    ...timeZonesOf(packages),
    ...packages.flatMap(papersOf),
  ];
}

const mergedFolders = [
  ["bin", "usr/bin"],
  ["lib", "usr/lib"],
  ["lib64", "usr/lib64"],
  ["sbin", "usr/sbin"],
  ["var/run", "../run"],
] as const;

const users = `root:x:0:0:root:/root:/sbin/nologin
nobody:x:65534:65534:nobody:/:/sbin/nologin
nonroot:x:65532:65532:nonroot:/:/sbin/nologin
`;

const groups = `root:x:0:
nogroup:x:65534:
nonroot:x:65532:
`;

const nameServices = `passwd: files
group: files
hosts: files dns
`;

/**
 * Everything that these programs need to run, and nothing that they do not; throws an Error for what no package has.
 */
function librariesFor(
  programs: readonly Buffer[],
  { architecture, packages }: { readonly architecture: Architecture; readonly packages: readonly DebianPackage[] },
): readonly Entry[] {
  const found = new Map<string, Entry>();
  const look = (file: Buffer): void => {
    const { needed, interpreter } = linkageOf(file);
    for (const name of [...needed, ...(interpreter === undefined ? [] : [baseName(interpreter)])]) {
      if (found.has(name)) continue;
      const content = libraryOf(packages, name);
      const isLoader = name.startsWith("ld-linux");
      found.set(name, {
        kind: "file",
        path: isLoader ? loaderPaths[architecture] : `${libraryFolders[architecture]}/${name}`,
        mode: isLoader ? 0o755 : 0o644,
        content,
      });
      look(content);
    }
  };
  for (const program of programs) look(program);
  return [...found.values()];
}

const loaderPaths: Readonly<Record<Architecture, string>> = {
  amd64: "usr/lib64/ld-linux-x86-64.so.2",
  arm64: "usr/lib/ld-linux-aarch64.so.1",
};

function libraryOf(packages: readonly DebianPackage[], name: string): Buffer {
  const entries = packages.flatMap((one) => one.entries).filter(({ path }) => isIn(path, name));
  const file = entries.find((entry) => entry.kind === "file");
  if (file !== undefined) return file.content;
  const link = entries.find((entry) => entry.kind === "link");
  if (link === undefined) throw new Error(`No package in tools/image/debian.json has ${name}`);
  return libraryOf(packages, baseName(link.target));
}

/** Other copies of a library lie deeper, for other processors. */
function isIn(path: string, name: string): boolean {
  return baseName(path) === name && /^(usr\/)?lib(64)?(\/[^/]+-linux-gnu)?$/.test(path.slice(0, -name.length - 1));
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function fileOf(packages: readonly DebianPackage[], path: string): Buffer {
  const file = packages.flatMap(({ entries }) => entries).find((entry) => entry.path === path);
  if (file?.kind !== "file") throw new Error(`No package in tools/image/debian.json has ${path}`);
  return file.content;
}

/** Mozilla's authorities in one file, as update-ca-certificates writes it where there is a shell to run it. */
function certificatesOf(packages: readonly DebianPackage[]): Buffer {
  const authorities = packages
    .flatMap(({ entries }) => entries)
    .filter((entry) => entry.kind === "file")
    .filter(({ path }) => /^usr\/share\/ca-certificates\/.+\.crt$/.test(path))
    .toSorted((one, other) => (one.path < other.path ? -1 : 1));
  if (authorities.length < 50) throw new Error(`Only ${authorities.length} certificate authorities`);
  return Buffer.from(authorities.map(({ content }) => `${content.toString().trimEnd()}\n`).join(""));
}

/**
 * Node knows every zone by itself. But which one a mounted /etc/localtime is, it finds out by comparing that file with
 * these, and without them it guesses wrong: Chicago for Shanghai.
 */
function timeZonesOf(packages: readonly DebianPackage[]): readonly Entry[] {
  const zones = packages
    .flatMap(({ entries }) => entries)
    .filter(({ path }) => /^usr\/share\/zoneinfo\/(?!right\/|posix\/|posixrules$|localtime$)/.test(path));
  if (zones.length < 300) throw new Error(`Only ${zones.length} time zones`);
  return zones;
}

/** Its terms, and what tells scanners its name and version. */
function papersOf({ name, entries, control }: DebianPackage): readonly Entry[] {
  const terms = entries.find(({ path }) => path === `usr/share/doc/${name}/copyright`);
  const shared = entries.find(({ path }) => path === `usr/share/doc/${name}`);
  return [
    ...[terms, shared].filter((entry) => entry !== undefined),
    { kind: "file", path: `var/lib/dpkg/status.d/${name}`, content: Buffer.from(control) },
  ];
}

/** With every folder that an entry lies in. */
function withFolders(entries: readonly Entry[]): readonly Entry[] {
  const there = new Set(entries.map(({ path }) => path));
  const folders = new Set(
    entries.flatMap(({ path }) => {
      const parts = path.split("/");
      return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join("/"));
    }),
  );
  const added = [...folders].filter((path) => !there.has(path));
  return [...added.map((path): Entry => ({ kind: "directory", path })), ...entries];
}
