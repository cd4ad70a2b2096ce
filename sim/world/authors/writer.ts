/** Who wrote, for those who check the rules. */
export type WriterKind =
  /** One of kured's processes. */
  | "ours"
  /** A person with kubectl. */
  | "person"
  /** A daemon of kured 1.x. */
  | "goKured"
  /** Kubernetes' own controllers and kubelets. */
  | "cluster";

/** Names under which people and old daemons write. */
export const personName = "person";
/** The name of a daemon of kured 1.x. */
export const goKuredName = "kured-1.x";

/** Who writes under this user name. */
export function writerOf(user: string): WriterKind {
  if (user === personName) return "person";
  if (user === goKuredName) return "goKured";
  return /^(agent|classic|coordinator)\//.test(user) ? "ours" : "cluster";
}
