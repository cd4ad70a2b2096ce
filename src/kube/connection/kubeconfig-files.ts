import { FileError } from "../../ports/files.ts";
import type { Files } from "../../ports/files.ts";
import { MalformedError, readObject, readObjects, readOptionalString, readString } from "../object.ts";
import { isJsonObject } from "../wire/json.ts";
import type { Json, JsonObject } from "../wire/json.ts";

/** One named entry of a kubeconfig, and the folder that its relative paths are meant from. */
export interface KubeconfigEntry {
  readonly content: JsonObject;
  readonly folder: string;
}

/** What one or several kubeconfig files say together; of entries with the same name the first one counts. */
export interface Kubeconfig {
  readonly currentContext: string | undefined;
  readonly clusters: ReadonlyMap<string, KubeconfigEntry>;
  readonly contexts: ReadonlyMap<string, KubeconfigEntry>;
  readonly users: ReadonlyMap<string, KubeconfigEntry>;
}

/** Where to look for kubeconfig files. */
export interface KubeconfigSearch {
  /** The process's environment: KUBECONFIG and HOME. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly files: Files;
  /** What the operator has named; must exist, and then nothing else counts. */
  readonly path?: string;
}

/**
 * Finds and merges kubeconfig files as kubectl does: the named one, or those of KUBECONFIG, or `~/.kube/config`.
 * Rejects with an Error that names the file and what is wrong with it.
 */
export async function readKubeconfig({ environment, files, path }: KubeconfigSearch): Promise<Kubeconfig> {
  const listed = (environment["KUBECONFIG"] ?? "").split(":").filter((name) => name !== "");
  const home = `${environment["HOME"] ?? ""}/.kube/config`;
  const paths = path !== undefined ? [path] : listed.length > 0 ? listed : [home];
  const found: Kubeconfig[] = [];
  for (const name of paths) {
    const text = await readIfThere(name, { files, mustExist: path !== undefined });
    if (text !== undefined) found.push(await parseKubeconfig(text, name));
  }
  if (found.length === 0) throw new Error(`there is no kubeconfig: neither --kubeconfig nor ${paths.join(" nor ")}`);
  return {
    currentContext: found.find(({ currentContext }) => currentContext !== undefined)?.currentContext,
    clusters: merged(found.map(({ clusters }) => clusters)),
    contexts: merged(found.map(({ contexts }) => contexts)),
    users: merged(found.map(({ users }) => users)),
  };
}

async function readIfThere(
  path: string,
  { files, mustExist }: { readonly files: Files; readonly mustExist: boolean },
): Promise<string | undefined> {
  try {
    return await files.readText(path);
  } catch (error) {
    if (!mustExist && error instanceof FileError && error.code === "ENOENT") return undefined;
    throw new Error(`the kubeconfig ${path} cannot be read: ${textOf(error)}`, { cause: error });
  }
}

async function parseKubeconfig(text: string, path: string): Promise<Kubeconfig> {
  // Only the command line comes here; the daemons must not pay for a YAML parser.
  const { parse } = await import("yaml");
  const folder = path.includes("/") ? path.slice(0, path.lastIndexOf("/") + 1) : "";
  try {
    const json = parse(text) as Json;
    if (!isJsonObject(json)) throw new MalformedError("", "an object", json);
    return {
      currentContext: readOptionalString(json, "current-context") || undefined,
      clusters: entries(json, { list: "clusters", field: "cluster", folder }),
      contexts: entries(json, { list: "contexts", field: "context", folder }),
      users: entries(json, { list: "users", field: "user", folder }),
    };
  } catch (error) {
    throw new Error(`the kubeconfig ${path} makes no sense: ${textOf(error)}`, { cause: error });
  }
}

function entries(
  json: JsonObject,
  { list, field, folder }: { readonly list: string; readonly field: string; readonly folder: string },
): ReadonlyMap<string, KubeconfigEntry> {
  const pairs = readObjects(json, list).map((item) => {
    return [readString(item, "name"), { content: readObject(item, field), folder }] as const;
  });
  return merged(pairs.map((pair) => new Map([pair])));
}

function merged(maps: readonly ReadonlyMap<string, KubeconfigEntry>[]): ReadonlyMap<string, KubeconfigEntry> {
  return new Map([...maps].reverse().flatMap((map) => [...map]));
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
