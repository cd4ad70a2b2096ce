import { runToEnd } from "../../test/controlplane/processes.ts";
import { withOwnRig, type OwnRig } from "../../test/nodes/own.ts";
import { root } from "../../tools/source.ts";
import type { BenchResult, Figure } from "../report/figure.ts";

/** Seconds from three nodes that need a reboot to three nodes that had one, on machines that really reboot. */
export async function benchNodes({
  repeats,
  small,
}: {
  readonly repeats: number;
  readonly small: boolean;
}): Promise<BenchResult> {
  const grace = small ? 1 : 30;
  const { signal } = new AbortController();
  const figures = await withOwnRig(
    async (rig) => {
      const all: Figure[] = [];
      for (const mode of ["coordinated", "classic"]) {
        const ours: number[] = [];
        for (let run = 0; run < repeats; run++) ours.push(await measure(rig, { mode, grace, signal }));
        all.push({ name: `nodes/${mode}/3 nodes, 6 pods/time`, unit: "s", ours, goal: { atMost: 150 } });
      }
      return all;
    },
    { count: 3, log: (line) => console.error(line), signal },
  );
  const input = [
    `Three machines that boot in a few seconds, six pods that end only when they are killed, ${grace} s after they were told to; --period=30s.`,
    "From the moment at which /var/run/reboot-required is there on all three, to all three rebooted, Ready and given back.",
  ];
  return { input, figures };
}

async function measure(
  { through, folder }: OwnRig,
  { mode, grace, signal }: { readonly mode: string; readonly grace: number; readonly signal: AbortSignal },
): Promise<number> {
  const words = ["bench/nodes/measure.ts", mode, String(grace)];
  const environment = { ...process.env, KURED_NODES: folder };
  const end = await runToEnd([...through, process.execPath, ...words], { folder: root, environment, signal });
  if (end.code !== 0) throw new Error(`The measurement on the nodes failed:\n${end.stdout}${end.stderr}`);
  return Number(end.stdout.trim());
}
