import { freePort } from "../../controlplane/cluster/component.ts";
import { waitFor } from "../../controlplane/waits.ts";

/** A daemon's endpoints, as a kubelet asks for them. */
export interface Probe {
  /** The flag with which the daemon is to be started; comes after any other of the same name. */
  readonly flag: string;
  /** Status and text; rejects while nobody listens. */
  ask(path: "/healthz" | "/readyz"): Promise<{ readonly status: number; readonly text: string }>;
  /** Resolves with the text once the status is this. */
  until(
    path: "/healthz" | "/readyz",
    options: { readonly status: number; readonly signal: AbortSignal; readonly timeoutMs?: number },
  ): Promise<string>;
}

/** Endpoints on a port that is free now. */
export async function createProbe(): Promise<Probe> {
  const port = await freePort();
  const ask: Probe["ask"] = async (path) => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`);
    return { status: answer.status, text: await answer.text() };
  };
  return {
    flag: `--metrics-port=${port}`,
    ask,
    until: async (path, { status, ...wait }) => {
      let last: unknown;
      const found = async () => {
        const answer = await ask(path);
        last = answer;
        return answer.status === status ? answer.text : undefined;
      };
      return await waitFor(`${path} to answer ${status}`, found, wait).catch((cause: unknown) => {
        throw new Error(`${path} did not answer ${status}; its last answer: ${JSON.stringify(last)}`, { cause });
      });
    },
  };
}
