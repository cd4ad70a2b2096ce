import { globSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { packageVersion } from "../bundle.ts";
import { root } from "../source.ts";
import { imageBill } from "./bill.ts";
import { debianPackages, renewPins } from "./debian.ts";
import { nodeRuntime } from "./node.ts";
import { dockerArchive, imageLayout, platformImage, type PlatformImage } from "./oci.ts";
import type { Architecture } from "./pins.ts";
import { layersOf } from "./root.ts";
import { writeTar, type Entry } from "./tar.ts";

// npm run image: the image from what npm run build has built, without a container engine. docs/image.md says what is
// written and how to use it.

const architectures: readonly Architecture[] = ["amd64", "arm64"];
const dist = join(root, "dist");

main(process.argv.slice(2));

function main(argv: readonly string[]): void {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      arch: { type: "string", multiple: true },
      name: { type: "string", default: `${chartRepository()}:${packageVersion()}` },
      output: { type: "string", default: join(dist, "image") },
      newest: { type: "boolean", default: false },
      renew: { type: "boolean", default: false },
    },
  });
  if (values.renew) return renewPins();
  const wanted = values.arch ?? architectures;
  const unknown = wanted.filter((name) => !architectures.some((known) => known === name));
  if (unknown.length > 0)
    throw new Error(`There is no image for ${unknown.join(", ")}, only ${architectures.join(", ")}`);
  const output = resolve(values.output);
  mkdirSync(output, { recursive: true });
  const images = architectures
    .filter((name) => wanted.includes(name))
    .map((name) => build(name, { ...values, output }));
  const { name } = values;
  for (const image of images)
    write(join(output, `kured.${image.architecture}.docker.tar`), dockerArchive(image, { name }));
  const { entries, digest } = imageLayout(images, { name, labels: labels() });
  write(join(output, "kured.oci.tar"), entries);
  const digests = [
    `${digest} ${name}`,
    ...images.map(({ architecture, manifest }) => `${manifest.digest} linux/${architecture}`),
  ];
  writeFileSync(join(output, "digests.txt"), digests.map((line) => `${line}\n`).join(""));
  console.log(digests.join("\n"));
}

function build(
  architecture: Architecture,
  { output, newest }: { readonly output: string; readonly newest: boolean },
): PlatformImage {
  const cache = join(dist, ".image");
  const packages = debianPackages(architecture, { folder: cache, newest });
  const parts = {
    architecture,
    packages,
    node: nodeRuntime(architecture, cache),
    code: builtCode(),
    licences: new Map(
      globSync(join(dist, "licences/*"))
        .sort()
        .map((path) => [basename(path), readFileSync(path)]),
    ),
  };
  const bill = imageBill(readFileSync(join(dist, "kured.cdx.json"), "utf8"), {
    ...parts,
    runtime: parts.node.packageName,
  });
  writeFileSync(join(output, `kured.${architecture}.cdx.json`), bill);
  return platformImage({ architecture, layers: layersOf(parts), labels: labels(), bill });
}

/** What was built last: beside it there may be parts of builds before. */
function builtCode(): ReadonlyMap<string, Buffer> {
  const code = new Map<string, Buffer>();
  const add = (path: string): void => {
    if (code.has(path)) return;
    const content = readFileSync(join(dist, path));
    code.set(path, content);
    for (const [, name = ""] of content.toString().matchAll(/"\.\/(?:lib\/)?([\w-]+\.mjs)"/g)) add(`lib/${name}`);
  };
  add("kured.mjs");
  return code;
}

function labels(): Readonly<Record<string, string>> {
  const { description, license } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    readonly description: string;
    readonly license: string;
  };
  return {
    "org.opencontainers.image.title": "kured",
    "org.opencontainers.image.description": description,
    "org.opencontainers.image.version": packageVersion(),
    "org.opencontainers.image.licenses": license,
    "org.opencontainers.image.documentation": "https://kured.dev",
  };
}

/** The name under which the chart looks for the image. */
function chartRepository(): string {
  const [, repository] = /^ {2}repository: (\S+)$/m.exec(readFileSync(join(root, "chart/values.yaml"), "utf8")) ?? [];
  if (repository === undefined) throw new Error("chart/values.yaml has no image.repository");
  return repository;
}

function write(path: string, entries: readonly Entry[]): void {
  const partial = `${path}.${process.pid}`;
  writeFileSync(partial, writeTar(entries));
  renameSync(partial, path);
}
