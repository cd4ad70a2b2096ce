import type { Proxy } from "../../controlplane/proxy.ts";
import type { Fault } from "../../controlplane/proxy/faults.ts";
import type { ProxiedRequest } from "../../controlplane/proxy/requests.ts";

/** What was struck so far. */
export interface Strikes {
  /** The kinds of requests that were struck, `PATCH node` or `watch pods`, sorted. */
  kinds(): readonly string[];
}

/** Lets the first `times` requests of each kind that ever comes meet a fault, each of a kind another one of `faults`. */
export function strikeEachKind(
  proxy: Proxy,
  {
    faults,
    times,
    offset = 0,
  }: { readonly faults: readonly Fault[]; readonly times: number; readonly offset?: number },
): Strikes {
  const counts = new Map<string, number>();
  const chosen = new WeakMap<ProxiedRequest, Fault | "none">();
  const choose = (request: ProxiedRequest): Fault | "none" => {
    const known = chosen.get(request);
    if (known !== undefined) return known;
    const kind = kindOf(request);
    const count = counts.get(kind) ?? 0;
    counts.set(kind, count + 1);
    const index = [...counts.keys()].indexOf(kind) + count + offset;
    const choice = count < times ? (faults[index % faults.length] ?? "none") : "none";
    chosen.set(request, choice);
    return choice;
  };
  for (const fault of faults) proxy.plan({ matches: (request) => choose(request) === fault, fault, times: Infinity });
  return { kinds: () => [...counts.keys()].toSorted() };
}

/** What is asked of which resource, without names. */
function kindOf({ method, path, isWatch }: ProxiedRequest): string {
  const { pathname } = new URL(path, "https://localhost");
  const [, resource = "", name, subresource] =
    /^\/(?:api|apis\/[^/]+)\/v1\/(?:namespaces\/[^/]+\/)?([^/]+)(?:\/([^/]+))?(?:\/([^/]+))?$/.exec(pathname) ?? [];
  if (isWatch) return `watch ${resource}`;
  if (subresource !== undefined) return `${method} ${subresource}`;
  return name === undefined && method === "GET" ? `list ${resource}` : `${method} ${resource}`;
}
