import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import type { Architecture } from "./pins.ts";
import type { Layer } from "./root.ts";
import { writeTar, type Entry } from "./tar.ts";

/** How content is named in a manifest. */
export interface Descriptor {
  readonly mediaType: string;
  /** `sha256:` and 64 hexadecimal digits. */
  readonly digest: string;
  readonly size: number;
  readonly platform?: { readonly os: "linux"; readonly architecture: Architecture };
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Content by digest. */
export type Blobs = Map<string, Buffer>;

/** The image of one platform, with all its blobs. */
export interface PlatformImage {
  readonly architecture: Architecture;
  readonly manifest: Descriptor;
  /** Its bill of materials, as a manifest that refers to the image's. */
  readonly bill: Descriptor;
  readonly configDigest: string;
  readonly layerDigests: readonly string[];
  readonly blobs: Blobs;
}

/** What is put together, and what is said about it. */
export interface PlatformInput {
  readonly architecture: Architecture;
  readonly layers: readonly Layer[];
  readonly labels: Readonly<Record<string, string>>;
  /** In CycloneDX. */
  readonly bill: string;
}

const types = {
  manifest: "application/vnd.oci.image.manifest.v1+json",
  index: "application/vnd.oci.image.index.v1+json",
  config: "application/vnd.oci.image.config.v1+json",
  layer: "application/vnd.oci.image.layer.v1.tar+gzip",
  empty: "application/vnd.oci.empty.v1+json",
  bill: "application/vnd.cyclonedx+json",
} as const;

/** The time of everything in the image, so that when it was built makes no difference. */
const created = "1970-01-01T00:00:00Z";

/** The manifest of one platform, its configuration, layers and bill of materials (OCI image specification 1.1). */
export function platformImage({ architecture, layers, labels, bill }: PlatformInput): PlatformImage {
  const blobs: Blobs = new Map();
  const written = layers.map(({ says, entries }) => {
    const tar = writeTar(entries);
    return { says, diffId: digestOf(tar), layer: put(blobs, types.layer, gzipSync(tar, { level: 6 })) };
  });
  const config = putJson(blobs, types.config, {
    created,
    architecture,
    os: "linux",
    config: { Entrypoint: entrypoint, Env: environment, WorkingDir: "/", Labels: labels },
    rootfs: { type: "layers", diff_ids: written.map(({ diffId }) => diffId) },
    history: written.map(({ says }) => ({ created, created_by: `npm run image: ${says}` })),
  });
  const platform = { os: "linux", architecture } as const;
  const manifest = putJson(blobs, types.manifest, {
    schemaVersion: 2,
    mediaType: types.manifest,
    config,
    layers: written.map(({ layer }) => layer),
    annotations: labels,
  });
  const attached = putJson(blobs, types.manifest, {
    schemaVersion: 2,
    mediaType: types.manifest,
    artifactType: types.bill,
    config: putJson(blobs, types.empty, {}),
    layers: [put(blobs, types.bill, Buffer.from(bill))],
    subject: manifest,
  });
  return {
    architecture,
    manifest: { ...manifest, platform },
    bill: { ...attached, artifactType: types.bill },
    configDigest: config.digest,
    layerDigests: written.map(({ layer }) => layer.digest),
    blobs,
  };
}

/**
 * Node trusts the authorities that it knows by itself, and with this those that an operator mounts over the file, too.
 */
export const environment = [
  "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  "NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt",
];

/** Without a shell around it; a manifest's `command` says the same. */
export const entrypoint = ["/usr/bin/kured"];

/**
 * An OCI image layout as the entries of its archive: one name for the images of all platforms, and their bills of
 * materials as referrers beside it.
 */
export function imageLayout(
  images: readonly PlatformImage[],
  { name, labels }: { readonly name: string; readonly labels: Readonly<Record<string, string>> },
): { readonly entries: readonly Entry[]; readonly digest: string } {
  const blobs: Blobs = new Map(images.flatMap((image) => [...image.blobs]));
  const index = putJson(blobs, types.index, {
    schemaVersion: 2,
    mediaType: types.index,
    manifests: images.map(({ manifest }) => manifest),
    annotations: labels,
  });
  const annotations = {
    "io.containerd.image.name": name,
    "org.opencontainers.image.ref.name": name.slice(name.lastIndexOf(":") + 1),
  };
  const layout = {
    schemaVersion: 2,
    mediaType: types.index,
    manifests: [{ ...index, annotations }, ...images.map(({ bill }) => bill)],
  };
  const entries: readonly Entry[] = [
    json("oci-layout", { imageLayoutVersion: "1.0.0" }),
    json("index.json", layout),
    ...blobEntries(blobs, [...blobs.keys()]),
  ];
  return { entries, digest: index.digest };
}

/** What `docker save` writes of one platform's image, as the entries of its archive. */
export function dockerArchive(image: PlatformImage, { name }: { readonly name: string }): readonly Entry[] {
  const { configDigest, layerDigests, blobs } = image;
  const manifest = [{ Config: blobPath(configDigest), RepoTags: [name], Layers: layerDigests.map(blobPath) }];
  return [json("manifest.json", manifest), ...blobEntries(blobs, [configDigest, ...layerDigests])];
}

function blobEntries(blobs: Blobs, digests: readonly string[]): readonly Entry[] {
  return [
    { kind: "directory", path: "blobs" },
    { kind: "directory", path: "blobs/sha256" },
    ...digests.map((digest): Entry => {
      return { kind: "file", path: blobPath(digest), content: blobs.get(digest) ?? Buffer.alloc(0) };
    }),
  ];
}

function blobPath(digest: string): string {
  return `blobs/${digest.replace(":", "/")}`;
}

function json(path: string, value: unknown): Entry {
  return { kind: "file", path, content: Buffer.from(JSON.stringify(value)) };
}

function putJson(blobs: Blobs, mediaType: string, value: unknown): Descriptor {
  return put(blobs, mediaType, Buffer.from(JSON.stringify(value)));
}

function put(blobs: Blobs, mediaType: string, content: Buffer): Descriptor {
  const digest = digestOf(content);
  blobs.set(digest, content);
  return { mediaType, digest, size: content.length };
}

function digestOf(content: Buffer): string {
  return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}
