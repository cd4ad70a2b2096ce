import { waitFor } from "../controlplane/waits.ts";
import type { Site } from "./site.ts";

/** Waits until the node has been rebooted and given back: schedulable, without a record, on a new boot. */
export async function untilDone(
  site: Site,
  { node, timeoutMs = 60_000 }: { node: string; timeoutMs?: number },
): Promise<void> {
  await waitFor(`${node} to be rebooted and given back`, () => isDone(site, node), { signal: site.signal, timeoutMs });
}

/** Waits until every node of the site (or each of `nodes`) has said in its report what it needs. */
export async function untilReported(
  site: Site,
  {
    nodes = site.nodes,
    need,
    orRebooted = false,
    timeoutMs = 30_000,
  }: {
    readonly nodes?: readonly string[];
    readonly need: "required" | "notRequired" | "unknown";
    /** Content with a node that was rebooted before we looked. */
    readonly orRebooted?: boolean;
    readonly timeoutMs?: number;
  },
): Promise<void> {
  await waitFor(
    `${nodes.join(", ")} to report ${need}`,
    async () => {
      for (const node of nodes) {
        if (orRebooted && site.host(node).boots() > 1) continue;
        const { annotations = {} } = (await site.readNode(node)).metadata;
        const report = JSON.parse(annotations["kured.dev/report"] ?? "{}") as { readonly need?: string };
        if (report.need !== need) return false;
      }
      return true;
    },
    { signal: site.signal, timeoutMs },
  );
}

/** Waits until every node of the site has been rebooted and given back, and the lock is free. */
export async function untilRolledOut(
  site: Site,
  {
    meanwhile = () => Promise.resolve(),
    timeoutMs = 60_000,
  }: { readonly meanwhile?: () => Promise<void>; readonly timeoutMs?: number } = {},
): Promise<void> {
  await waitFor(
    `every node of ${site.name} to be rebooted and given back`,
    async () => {
      await meanwhile();
      for (const node of site.nodes) if (!(await isDone(site, node))) return false;
      return (await site.readLock()) === undefined;
    },
    { signal: site.signal, timeoutMs },
  );
}

async function isDone(site: Site, node: string): Promise<boolean> {
  const { spec, metadata } = await site.readNode(node);
  const inHand = metadata.annotations?.["kured.dev/maintenance"] !== undefined;
  return site.host(node).boots() > 1 && spec?.unschedulable !== true && !inHand;
}
