import type { Architecture, DebianPackage } from "./debian.ts";

/** The parts of a CycloneDX document that are read and written here. */
interface Bill {
  readonly metadata: { readonly component: Readonly<Record<string, unknown>> };
  readonly components: readonly { readonly "bom-ref": string; readonly name: string }[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

/** The bill of materials of one image: the artefact's own, and what Debian adds. */
export function imageBill(
  artefact: string,
  { architecture, packages }: { readonly architecture: Architecture; readonly packages: readonly DebianPackage[] },
): string {
  const bill = JSON.parse(artefact) as Bill;
  const added = packages.map(({ name, version, architecture: built, sha256 }) => {
    const purl = `pkg:deb/debian/${name.replaceAll("+", "%2B")}@${encodeURIComponent(version)}?arch=${built}&distro=debian-12`;
    return {
      "bom-ref": purl,
      type: "library",
      name,
      version,
      purl,
      hashes: [{ alg: "SHA-256", content: sha256 }],
    };
  });
  const [product, ...others] = bill.dependencies;
  const whole = {
    ...bill,
    metadata: {
      ...bill.metadata,
      component: { ...bill.metadata.component, type: "container", name: `kured (linux/${architecture})` },
    },
    components: [...bill.components, ...added],
    dependencies: [
      { ...product, dependsOn: [...(product?.dependsOn ?? []), ...added.map((component) => component["bom-ref"])] },
      ...others,
    ],
  };
  return `${JSON.stringify(whole, undefined, 2)}\n`;
}
