import { textAt } from "../apiserver/objects/json.ts";
import type { KubeObject } from "../apiserver/objects/object.ts";
import { goKuredName, personName } from "../world/authors/writer.ts";

/** Names for people instead of those that are drawn: `web-2` is the second pod of web. */
export class Names {
  readonly #pods = new Map<string, string>();
  readonly #counts = new Map<string, number>();

  /** A pod's name, the same each time. */
  pod({ metadata }: KubeObject): string {
    const known = this.#pods.get(metadata.name);
    if (known !== undefined) return known;
    const labels = metadata["labels"];
    const app = textAt(labels, "app") ?? textAt(labels, "name");
    // Whoever made a pod without a controller has named it herself.
    if (app === undefined || metadata.name === app) return metadata.name;
    const count = (this.#counts.get(app) ?? 0) + 1;
    this.#counts.set(app, count);
    this.#pods.set(metadata.name, `${app}-${count}`);
    return `${app}-${count}`;
  }

  /** One of kured's processes: `kured@n1` is the classic daemon, which has no other role. */
  process(role: string, machine: string): string {
    return `${role === "classic" ? "kured" : role}@${machine}`;
  }

  /** Who wrote something. */
  user(name: string): string {
    const [, role, machine] = /^(agent|classic|coordinator)\/([^/]+)\//.exec(name) ?? [];
    if (role !== undefined && machine !== undefined) return this.process(role, machine);
    if (name === personName) return "somebody";
    return name === goKuredName ? "Go kured" : "the cluster";
  }

  /** The text with these names in it, and instants to the second. */
  readable(text: string): string {
    let changed = text.replace(/(T\d\d:\d\d:\d\d)\.\d+Z/g, "$1Z");
    for (const [drawn, name] of this.#pods) changed = changed.replaceAll(drawn, name);
    return changed;
  }
}
