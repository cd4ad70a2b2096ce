/** Where kured lives in every world. */
export const installation = { namespace: "kube-system", daemonSet: "kured" } as const;
