import type { Cast } from "./cast.ts";

/** Everybody who has credentials. */
export type Party = keyof typeof PARTIES;

/** What each is called in the names of tests and in the table of docs/internals/least-privilege.md. */
export const PARTIES = {
  admin: "an administrator",
  agent: "an agent",
  neighbour: "the agent of the other node",
  strayAgent: "a token of the agent's account that belongs to no pod",
  coordinator: "the coordinator",
  kubelet: "a kubelet",
  newKubelet: "a kubelet whose node is new",
  addOn: "an add-on",
  person: "a person",
} as const satisfies Partial<Record<keyof Cast, string>>;
