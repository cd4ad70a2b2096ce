/** A request that has come to the proxy; what is not known yet is filled in as it becomes known. */
export interface ProxiedRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly userAgent: string;
  /** The header, `Bearer …`; empty without one. */
  readonly authorization: string;
  readonly body: string;
  /** Its number among the writes, from 1; absent when it does not count as one. */
  readonly write?: number;
  readonly isWatch: boolean;
  /** In ms since 1970. */
  readonly atMs: number;
  /** What was delivered; absent before and when nothing was. */
  status?: number;
  endedAtMs?: number;
}

/** A write is what changes a cluster, so neither leases, nor reviews, nor events count. */
export function countsAsWrite({ method, path }: ProxiedRequest): boolean {
  if (!["POST", "PUT", "PATCH", "DELETE"].includes(method)) return false;
  const isEvent = /^\/(api\/v1|apis\/events\.k8s\.io\/v1)\/(.*\/)?events(\/|\?|$)/.test(path);
  return !isEvent && !/^\/apis\/(coordination|authorization|authentication)\.k8s\.io\//.test(path);
}

/** The path of a list or watch of all Nodes, narrowed to those with these labels; any other path as it is. */
export function narrowed(path: string, nodeSelector: string | undefined): string {
  const { pathname, searchParams } = new URL(path, "https://localhost");
  if (nodeSelector === undefined || pathname !== "/api/v1/nodes") return path;
  searchParams.set("labelSelector", nodeSelector);
  return `${pathname}?${searchParams.toString()}`;
}
