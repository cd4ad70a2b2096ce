import { readFileSync } from "node:fs";
import { parseAllDocuments } from "yaml";
import type { KubeObject } from "./resources.ts";

/** What a user installs with `kubectl apply -f manifests/<name>.yaml`. */
export type ManifestName = "classic" | "classic-signal" | "coordinated";

/** The objects of a manifest in their order. Throws an Error that names the file when it is not what YAML allows. */
export function readManifest(name: ManifestName): readonly KubeObject[] {
  const file = new URL(`../../manifests/${name}.yaml`, import.meta.url);
  return parseAllDocuments(readFileSync(file, "utf8"), { version: "1.2" }).map((document) => {
    const fault = document.errors[0] ?? document.warnings[0];
    if (fault !== undefined) throw new Error(`manifests/${name}.yaml: ${fault.message}`);
    return document.toJS() as KubeObject;
  });
}

/** The one object of that kind and name; `namespace` where there are several. */
export function objectOf<T extends KubeObject = KubeObject>(
  objects: readonly KubeObject[],
  { kind, name, namespace }: { readonly kind: string; readonly name: string; readonly namespace?: string },
): T {
  const found = objects.filter(
    (object) =>
      object.kind === kind &&
      object.metadata.name === name &&
      (namespace === undefined || object.metadata.namespace === namespace),
  );
  if (found.length !== 1) throw new Error(`There are ${found.length} objects ${kind} ${name}`);
  return found[0] as T;
}
