import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./source.ts";

/** What an artefact is made of, and where that is written. */
export interface Ingredients {
  /** `kured` or `kured-bun`. */
  readonly artefact: string;
  readonly version: string;
  /** Names of the packages whose files went into it. */
  readonly packages: readonly string[];
  /** The package of the runtime that is shipped with it. */
  readonly runtime: string;
  /** What the runtime itself is made of, by name and version: Node's `process.versions`. */
  readonly insideRuntime?: Readonly<Record<string, string | undefined>>;
}

/**
 * A bill of materials in CycloneDX 1.6: what scanners for known vulnerabilities read, also without a network. Versions,
 * licences and hashes are those of package-lock.json. The same ingredients give the same text, so it has no time and no
 * serial number. Throws an Error for a package that is not in the lock file.
 */
export function billOfMaterials({ artefact, version, packages, runtime, insideRuntime = {} }: Ingredients): string {
  const locked = readLock();
  const inside = Object.entries(insideRuntime)
    .filter(([name, of]) => of !== undefined && !notAPart.has(name))
    .map(([name, of]) => ({ type: "library", name, version: of }));
  const product = `pkg:npm/kured@${version}`;
  const runtimePart = {
    ...componentOf(runtime, locked),
    type: "platform",
    // Advisories know Node by this name and not by the package that it came in.
    ...(insideRuntime["node"] !== undefined && { cpe: nodeCpe(insideRuntime["node"]) }),
    ...(inside.length > 0 && { components: inside }),
  };
  const components = [...packages].sort().map((name) => componentOf(name, locked));
  const bill = {
    $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: {
      component: {
        "bom-ref": product,
        type: "application",
        name: artefact,
        version,
        purl: product,
        licenses: [{ license: { id: locked.get("")?.license } }],
      },
    },
    components: [runtimePart, ...components],
    dependencies: [{ ref: product, dependsOn: [runtimePart, ...components].map((component) => component["bom-ref"]) }],
  };
  return `${JSON.stringify(bill, undefined, 2)}\n`;
}

/** The packages that files of `node_modules/` belong to. */
export function packagesOf(paths: readonly string[]): readonly string[] {
  return [...new Set(paths.flatMap((path) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []))];
}

/** Numbers of interfaces, and Node itself. */
const notAPart: ReadonlySet<string> = new Set(["node", "modules", "napi"]);

function nodeCpe(version: string): string {
  return `cpe:2.3:a:nodejs:node.js:${version}:*:*:*:*:*:*:*`;
}

interface LockedPackage {
  readonly version: string;
  readonly license?: string;
  /** As in Subresource Integrity: `sha512-` and Base64. */
  readonly integrity?: string;
}

function readLock(): ReadonlyMap<string, LockedPackage> {
  const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as {
    readonly packages: Readonly<Record<string, LockedPackage>>;
  };
  return new Map(Object.entries(lock.packages));
}

function componentOf(name: string, locked: ReadonlyMap<string, LockedPackage>) {
  const { version, license, integrity = "" } = locked.get(`node_modules/${name}`) ?? {};
  const [, hash] = /^sha512-(.+)$/.exec(integrity) ?? [];
  if (version === undefined || hash === undefined) throw new Error(`${name} is not in package-lock.json with a hash`);
  const purl = `pkg:npm/${name.replace("@", "%40")}@${version}`;
  const content = Buffer.from(hash, "base64").toString("hex");
  return {
    "bom-ref": purl,
    type: "library",
    name,
    version,
    purl,
    ...(license !== undefined && { licenses: [{ license: { id: license } }] }),
    hashes: [{ alg: "SHA-512", content }],
  };
}
