import type { TestClient } from "../../controlplane/client.ts";
import type { Proxy } from "../../controlplane/proxy.ts";
import type { Pki } from "../../controlplane/cluster/pki.ts";

/** One of the two like nodes of a scene: `kubectl drain` drains one, kured the other. */
export interface Twin {
  readonly drainer: "kubectl" | "kured";
  readonly node: string;
  /** Where its pods are; whatever has the same name in the other twin's namespace is like it. */
  readonly namespace: string;
  /** A node that nobody drains. */
  readonly elsewhere: string;
  /** User name of the drainer's account. */
  readonly user: string;
  readonly admin: TestClient;
  readonly pki: Pki;
  readonly signal: AbortSignal;
  /** Told when the scene is over. */
  atEnd(stop: () => Promise<void>): void;
}

/** A twin before its drainer is let loose: every request of it goes through the proxy, which counts its evictions. */
export interface ArmedTwin extends Twin {
  readonly proxy: Proxy;
}

/**
 * What became of a pod, in the words of the document: the answers to its evictions in their order (equal ones in a row
 * once, what the API server let go as `evicted`), or that it `stays`, is `waited for`, or is `gone` without a question.
 */
export type Fate = string;

/** `failed` is an exit code other than 0. */
export type KubectlState = "goes on" | "done" | "failed";

/** `goes on` is a node whose drain is not over, `given back` one that may be used again without a reboot. */
export type KuredState = "goes on" | "rebooted" | "given back";

/** A pod of a scene and what becomes of it on either side. */
export interface PodRow {
  /** Its label `app`; or those of several, `one, two`, whose fates are then `first / second`, whichever had which. */
  readonly app: string;
  /** For the document; the label unless given. */
  readonly what?: string;
  readonly kubectl: Fate;
  /** The same as with kubectl unless given, and then there is a reason. */
  readonly here?: Fate;
  readonly why?: string;
}

/** How things stand once nothing happens any more until the next stage. */
export interface Stage {
  /** What has just happened, for the document; the first stage begins with the drain. */
  readonly when?: string;
  /** What it resolves with is called when the pods have been looked at. */
  readonly change?: (twin: ArmedTwin) => Promise<void | (() => void)>;
  readonly pods: readonly PodRow[];
  readonly drain: { readonly kubectl: KubectlState; readonly here: KuredState; readonly why?: string };
  /** What people are told; `NS` stands for the namespace. Here it is code and sentences of the verdict. */
  readonly says?: { readonly kubectl?: string; readonly here?: string };
}

/** A situation that is played on two like nodes. */
export interface Scene {
  /** Of its namespaces and nodes; at most ten characters. */
  readonly name: string;
  /** For the document. */
  readonly title: string;
  readonly kubectl?: {
    readonly flags?: readonly string[];
    /** Without the three flags that stand for what kured always does. */
    readonly bare?: boolean;
  };
  readonly here?: {
    readonly flags?: readonly string[];
    /** Of the coordinator; classic may, as kured always could. */
    readonly mayDelete?: boolean;
  };
  /** Answers that the proxy gives because the API server cannot be brought to give them. */
  readonly byProxy?: boolean;
  readonly make: (twin: Twin) => Promise<void>;
  /** After `make`, with the drainers connected and nothing asked for. */
  readonly arm?: (twin: ArmedTwin) => Promise<void>;
  readonly stages: readonly Stage[];
}

/** What kured always does, in kubectl's words. */
export const likeKured: readonly string[] = ["--force", "--ignore-daemonsets", "--delete-emptydir-data"];
