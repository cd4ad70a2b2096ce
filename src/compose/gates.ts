import type { Settings } from "../config/settings.ts";
import type { Gate } from "../gates/gate.ts";
import { gateFor, type GateOptions, type GateParts } from "../gates/registry.ts";

/** The gates that the operator wants, in the order in which kured asks them. */
export async function gatesFor(settings: Settings, parts: GateParts): Promise<readonly Gate[]> {
  const { alerts, blockingPodSelectors } = settings;
  const { prometheusUrl: url, ...filters } = alerts;
  const wanted: GateOptions[] = [];
  if (url !== "") wanted.push({ kind: "alerts", url, ...filters });
  if (blockingPodSelectors.length > 0) wanted.push({ kind: "pods", selectors: blockingPodSelectors });
  return await Promise.all(wanted.map((options) => gateFor(options, parts)));
}
