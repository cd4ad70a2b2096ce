import { findHelm } from "../../chart/helm.ts";
import type { KubeObject } from "../../controlplane/resources.ts";
import { waitFor } from "../../controlplane/waits.ts";
import { root } from "../../../tools/source.ts";
import type { Rig } from "../rig.ts";

export type Mode = "classic" | "coordinated";

export interface InstallOptions {
  readonly mode?: Mode;
  /** For `--set`, beside a period of ten seconds. */
  readonly set?: Readonly<Record<string, string | number | boolean>>;
  /** Further arguments for helm. */
  readonly argv?: readonly string[];
  /** Whether every pod must be Ready before it resolves; true unless given. */
  readonly wait?: boolean;
  readonly signal: AbortSignal;
}

/** `helm upgrade --install` of the chart in this checkout; resolves when every pod of it is up to date and Ready. */
export async function install(
  rig: Rig,
  { mode = "coordinated", set = {}, argv = [], wait = true, signal }: InstallOptions,
): Promise<void> {
  const helm = await findHelm({ log: () => undefined, signal });
  // As ever, classic's pods count as ready after ten to forty seconds. There are many installs here.
  const hurry =
    mode === "classic" ? { "readinessProbe.initialDelaySeconds": 1, "readinessProbe.periodSeconds": 1 } : {};
  const values = Object.entries({ mode, "configuration.period": "10s", ...hurry, ...set }).flatMap(([name, value]) => [
    "--set",
    `${name}=${value}`,
  ]);
  await rig.run([
    helm,
    "upgrade",
    "--install",
    "kured",
    root + "/chart",
    "--namespace=kube-system",
    ...values,
    ...argv,
  ]);
  if (wait) await untilRolledOut(rig, { signal });
}

/** Resolves when all of kured's pods are those of the newest template, and Ready. */
export async function untilRolledOut(
  rig: Rig,
  { namespace = "kube-system", signal }: { readonly namespace?: string; readonly signal: AbortSignal },
): Promise<void> {
  await waitFor(
    "kured's pods to be rolled out",
    async () => {
      const sets = await rig.admin.list<RolledOut>({ kind: "DaemonSet", namespace });
      const deployments = await rig.admin.list<RolledOut>({ kind: "Deployment", namespace });
      return sets.length > 0 && [...sets, ...deployments].every(isRolledOut);
    },
    { signal, timeoutMs: 90_000, everyMs: 200 },
  );
}

interface RolledOut extends KubeObject {
  readonly metadata: KubeObject["metadata"] & { readonly generation: number };
  readonly status: Readonly<Record<string, number | undefined>>;
}

function isRolledOut({ kind, metadata, status }: RolledOut): boolean {
  if (status["observedGeneration"] !== metadata.generation) return false;
  const [wanted, updated, ready] =
    kind === "DaemonSet"
      ? [status["desiredNumberScheduled"], status["updatedNumberScheduled"], status["numberReady"]]
      : [status["replicas"], status["updatedReplicas"], status["readyReplicas"]];
  return wanted !== undefined && wanted > 0 && updated === wanted && ready === wanted;
}
