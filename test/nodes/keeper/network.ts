import { runToEnd } from "../../controlplane/processes.ts";

/**
 * The service address of the API server in every cluster with these services: where it really listens here, so that
 * pods reach it without a kube-proxy.
 */
export const API_SERVER_ADDRESS = "10.96.0.1";

/** This side's address on the nodes' network: what the tests themselves serve to pods, they serve here. */
export const KEEPER_ADDRESS = "10.99.0.1";

export const BRIDGE = "nodes";

/** The n-th node's own address, from 1 on. */
export function nodeAddress(number: number): string {
  return `10.99.0.${10 + number}`;
}

/** The range from which the n-th node gives its pods addresses. */
export function podRange(number: number): string {
  return `10.244.${number}.0/24`;
}

/**
 * Makes the nodes' network in this process's network namespace, which is the rig's own: nothing of it can be the same
 * as on the machine or in another rig, and the kernel removes it with the last process.
 */
export async function createNetwork(count: number, { signal }: { readonly signal: AbortSignal }): Promise<void> {
  const ip = async (command: string): Promise<void> => {
    const end = await runToEnd(["ip", ...command.split(" ")], { signal });
    if (end.code !== 0) throw new Error(`ip ${command}: ${end.stderr.trim()}`);
  };
  await ip("link set lo up");
  // An address of its own: else a bridge takes one of its ports', and takes another when that node goes down, and all
  // nodes lose the API server until they have forgotten the old one.
  await ip(`link add ${BRIDGE} address 02:00:00:00:00:01 type bridge`);
  await ip(`address add ${KEEPER_ADDRESS}/24 dev ${BRIDGE}`);
  await ip(`address add ${API_SERVER_ADDRESS}/32 dev ${BRIDGE}`);
  await ip(`link set ${BRIDGE} up`);
  for (let number = 1; number <= count; number++) {
    await ip(`route add ${podRange(number)} via ${nodeAddress(number)}`);
  }
}
