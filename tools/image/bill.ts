import { packageVersion } from "../bundle.ts";
import { billOfMaterials } from "../sbom.ts";
import type { DebianPackage } from "./debian.ts";
import type { Architecture } from "./pins.ts";

/** The parts of a CycloneDX document that are read and written here. */
interface Bill {
  readonly metadata: { readonly component: Readonly<Record<string, unknown>> };
  readonly components: readonly { readonly "bom-ref": string; readonly name: string; readonly type: string }[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

/** What an image has beside the bundled code. */
export interface Shipped {
  readonly architecture: Architecture;
  readonly packages: readonly DebianPackage[];
  /** The package that its Node is from. */
  readonly runtime: string;
}

/** The bill of materials of one image: what the artefact's own bill lists, its own Node, and what Debian adds. */
export function imageBill(artefact: string, { architecture, packages, runtime }: Shipped): string {
  const bundled = (JSON.parse(artefact) as Bill).components.filter(({ type }) => type === "library");
  const bill = JSON.parse(
    billOfMaterials({
      artefact: `kured (linux/${architecture})`,
      version: packageVersion(),
      packages: bundled.map(({ name }) => name),
      runtime,
      insideRuntime: process.versions,
    }),
  ) as Bill;
  const added = packages.map((one) => componentOf(one));
  const dependencies = bill.dependencies.map((of) => {
    return { ...of, dependsOn: [...of.dependsOn, ...added.map((component) => component["bom-ref"])] };
  });
  const component = { ...bill.metadata.component, type: "container" };
  const whole = { ...bill, metadata: { component }, components: [...bill.components, ...added], dependencies };
  return `${JSON.stringify(whole, undefined, 2)}\n`;
}

function componentOf({ name, version, architecture, sha256 }: DebianPackage) {
  const purl = `pkg:deb/debian/${encodeURIComponent(name)}@${encodeURIComponent(version)}?arch=${architecture}&distro=debian-12`;
  return { "bom-ref": purl, type: "library", name, version, purl, hashes: [{ alg: "SHA-256", content: sha256 }] };
}
