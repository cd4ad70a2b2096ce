import type { Proxy } from "../../controlplane/proxy.ts";
import type { Fault } from "../../controlplane/proxy/faults.ts";

/** What was struck so far. */
export interface Strikes {
  /** The kinds of requests that have come, `PATCH nodes` or `watch pods`, sorted. */
  kinds(): readonly string[];
}

/** Chooses a fault for each request by its kind. */
export interface EachKind<F> extends Strikes {
  /** To be asked once for each request. */
  choose(request: { readonly method: string; readonly path: string }): F | undefined;
}

export interface EachKindOptions<F> {
  readonly faults: readonly F[];
  /** How many requests of each kind meet one. */
  readonly times: number;
  /** Begins with another fault. */
  readonly offset?: number;
}

/** The first `times` requests of each kind that ever comes meet a fault, those of each kind begin with another one. */
export function eachKind<F>({ faults, times, offset = 0 }: EachKindOptions<F>): EachKind<F> {
  const counts = new Map<string, number>();
  return {
    kinds: () => [...counts.keys()].toSorted(),
    choose: (request) => {
      const kind = kindOf(request);
      const count = counts.get(kind) ?? 0;
      counts.set(kind, count + 1);
      const index = [...counts.keys()].indexOf(kind) + count + offset;
      return count < times ? faults[index % faults.length] : undefined;
    },
  };
}

/** The same for what comes through a proxy. */
export function strikeEachKind(proxy: Proxy, options: EachKindOptions<Fault>): Strikes {
  const chooser = eachKind(options);
  const chosen = new WeakMap<object, Fault | "none">();
  for (const fault of options.faults) {
    proxy.plan({
      matches: (request) => {
        const choice = chosen.get(request) ?? chooser.choose(request) ?? "none";
        chosen.set(request, choice);
        return choice === fault;
      },
      fault,
      times: Infinity,
    });
  }
  return chooser;
}

/** What is asked of which resource, without names. */
function kindOf({ method, path }: { readonly method: string; readonly path: string }): string {
  const { pathname, searchParams } = new URL(path, "https://localhost");
  const [, resource = "", name, subresource] =
    /^\/(?:api|apis\/[^/]+)\/v1\/(?:namespaces\/[^/]+\/)?([^/]+)(?:\/([^/]+))?(?:\/([^/]+))?$/.exec(pathname) ?? [];
  if (searchParams.has("watch")) return `watch ${resource}`;
  if (subresource !== undefined) return `${method} ${subresource}`;
  return name === undefined && method === "GET" ? `list ${resource}` : `${method} ${resource}`;
}
