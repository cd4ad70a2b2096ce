import { readFile } from "node:fs/promises";

/** One request as the API server's audit log has it, at the level that names everything but bodies. */
export interface AuditEntry {
  /** Whether the answer has ended; a watch that is still open has only started. */
  readonly stage: "ResponseStarted" | "ResponseComplete" | "Panic";
  readonly verb: string;
  /** `system:serviceaccount:kube-system:kured`, for example. */
  readonly user: string;
  readonly userAgent: string;
  /** Path and query. */
  readonly requestUri: string;
  /** Status code of the answer. */
  readonly code: number;
  readonly object: {
    readonly resource?: string;
    readonly subresource?: string;
    readonly namespace?: string;
    readonly name?: string;
  };
  readonly receivedAt: Date;
  readonly completedAt: Date;
}

/** Both are met when both are given; everything is returned when none is. */
export interface AuditFilter {
  readonly userAgentPrefix?: string;
  readonly user?: string;
}

/** The policy under which `readAudit` can read the log: every request, once it is answered, without bodies. */
export const AUDIT_POLICY = {
  apiVersion: "audit.k8s.io/v1",
  kind: "Policy",
  omitStages: ["RequestReceived"],
  rules: [{ level: "Metadata" }],
} as const;

/** Every request that the API server has answered, or begun to, in the order in which it finished writing of them. */
export async function readAudit(
  path: string,
  { userAgentPrefix, user }: AuditFilter = {},
): Promise<readonly AuditEntry[]> {
  const byId = new Map<string, AuditEntry>();
  const lines = (await readFile(path, "utf8").catch(() => "")).split("\n");
  for (const line of lines) {
    // A killed server may leave half a line.
    const event = line === "" ? undefined : parseEvent(line);
    if (event === undefined) continue;
    if (userAgentPrefix !== undefined && event.userAgent?.startsWith(userAgentPrefix) !== true) continue;
    if (user !== undefined && event.user?.username !== user) continue;
    byId.delete(event.auditID); // A later stage takes the place of the earlier one, at its own time.
    byId.set(event.auditID, entryOf(event));
  }
  return [...byId.values()];
}

interface AuditEvent {
  readonly auditID: string;
  readonly stage: AuditEntry["stage"];
  readonly verb: string;
  readonly requestURI: string;
  readonly user?: { readonly username?: string };
  readonly userAgent?: string;
  readonly responseStatus?: { readonly code?: number };
  readonly objectRef?: AuditEntry["object"];
  readonly requestReceivedTimestamp: string;
  readonly stageTimestamp: string;
}

function parseEvent(line: string): AuditEvent | undefined {
  try {
    return JSON.parse(line) as AuditEvent;
  } catch {
    return undefined;
  }
}

function entryOf(event: AuditEvent): AuditEntry {
  return {
    stage: event.stage,
    verb: event.verb,
    user: event.user?.username ?? "",
    userAgent: event.userAgent ?? "",
    requestUri: event.requestURI,
    code: event.responseStatus?.code ?? 0,
    object: event.objectRef ?? {},
    receivedAt: new Date(event.requestReceivedTimestamp),
    completedAt: new Date(event.stageTimestamp),
  };
}
