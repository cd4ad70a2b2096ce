import { setTimeout as sleep } from "node:timers/promises";
import { onSite, startAgent, startClassic, startCoordinator, type Site } from "../../test/cases/site.ts";
import { untilReported } from "../../test/cases/until.ts";
import { fakeNode } from "../../test/controlplane/objects.ts";
import { createNodes } from "../../test/controlplane/waits.ts";
import type { BenchResult, Figure } from "../report/figure.ts";
import { kindsOf, requestsOf, type Interval } from "../stage/requests.ts";
import type { Stage } from "../stage/run.ts";
import { hourly, type Hourly } from "./hourly.ts";
import { simulatedHour } from "./simulated.ts";

interface Quiet {
  readonly what: string;
  readonly which: "ours" | "other";
  readonly site: Site;
  readonly goal: number;
}

/** Nobody needs anything: what daemons ask of the API server all the same. */
export async function benchIdle(stage: Stage, { seconds }: { readonly seconds: number }): Promise<BenchResult> {
  const many = stage.small ? 3 : 100;
  let found: readonly (Quiet & { readonly seen: Hourly; readonly kinds: string })[] = [];
  await onQuietSites(stage, many, async (quiet) => {
    // The first look at everything belongs to the start.
    await sleep(stage.small ? 500 : 15_000, undefined, { signal: stage.signal });
    const interval: Interval = { fromMs: Date.now(), toMs: Date.now() + seconds * 1000 };
    await sleep(seconds * 1000, undefined, { signal: stage.signal });
    found = await Promise.all(
      quiet.map(async (one) => {
        const before = await requestsOf(one.site, { fromMs: 0, toMs: interval.fromMs });
        const within = await requestsOf(one.site, interval);
        return { ...one, seen: hourly({ before, within, seconds }), kinds: kindsOf(within.all) };
      }),
    );
  });
  const ours = found.filter(({ which }) => which === "ours");
  return {
    input: [
      "A simulated hour: production code in virtual time on the simulator's API server, all of it counted.",
      `An agent, a classic daemon (--period=10s) and a coordinator of ${many} nodes, ${seconds} s long, counted once they are at rest.`,
      "An hour is what was seen, times 3600 s by the seconds watched, and for each open watch 3600 s by the time after which it is asked for anew.",
      ...found.map(({ what, which, kinds }) => `${what}, ${which}, in these ${seconds} s: ${kinds || "nothing"}.`),
    ],
    figures: [
      ...(await simulatedHour({ nodes: stage.small ? 3 : 100 })),
      ...ours.flatMap(({ what, goal, seen }): readonly Figure[] => {
        const other = found.find((one) => one.which === "other" && one.what === what)?.seen;
        return [
          {
            name: `idle/${what}/requests an hour`,
            unit: "",
            goal: { atMost: goal },
            ours: [seen.requests],
            ...(other && { other: [other.requests] }),
          },
          {
            name: `idle/${what}/Lease renewals an hour`,
            unit: "",
            ours: [seen.leases],
            ...(other && { other: [other.leases] }),
          },
        ];
      }),
    ],
  };
}

/** Side by side on one cluster: that they are many changes nothing in what each of them asks. */
async function onQuietSites(
  { cluster, subjects, signal }: Stage,
  many: number,
  work: (quiet: readonly Quiet[]) => Promise<void>,
): Promise<void> {
  const [ours, ...others] = subjects;
  await onSite({ cluster, name: "idle-agent", nodes: 1, signal }, async (agents) => {
    await onSite({ cluster, name: "idle-fleet", nodes: 0, signal }, async (fleet) => {
      const quiet: Quiet[] = [
        { what: "agent", which: "ours", site: agents, goal: 2 },
        { what: `coordinator of ${many} nodes`, which: "ours", site: fleet, goal: 60 },
      ];
      for (const node of agents.nodes) await startAgent(agents, { node, daemon: { program: ours.program } });
      await untilReported(agents, { need: "notRequired" });
      await addQuietNodes(fleet, many);
      const onClassic = async ([subject, ...rest]: Stage["subjects"] | readonly []): Promise<void> => {
        if (subject === undefined) return await work(quiet);
        await onSite({ cluster, name: `idle-${subject.which}`, nodes: 1, signal }, async (site) => {
          for (const node of site.nodes) await startClassic(site, { node, daemon: { program: subject.program } });
          quiet.push({ what: "classic daemon", which: subject.which, site, goal: 2 });
          await onClassic(rest as Stage["subjects"] | readonly []);
        });
      };
      await startCoordinator(fleet, { daemon: { program: ours.program } });
      await onClassic([ours, ...others]);
    });
  });
}

/** Nodes as their agents leave them when nothing is required. */
async function addQuietNodes(site: Site, count: number): Promise<void> {
  const { cluster, name, signal } = site;
  const report = { pod: "none", boot: "boot-1", need: "notRequired", since: "2026-01-01T00:00:00.000Z", evidence: "" };
  const annotations = { "kured.dev/report": JSON.stringify(report) };
  const nodes = Array.from({ length: count }, (_, index) =>
    fakeNode({ name: `${name}-n${index + 1}`, labels: { site: name }, annotations }),
  );
  await createNodes(cluster.admin, nodes, { signal, timeoutMs: 120_000 });
  site.atEnd(async () => void (await Promise.all(nodes.map((node) => cluster.admin.delete(node)))));
}
