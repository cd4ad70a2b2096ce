import type { Json } from "./objects/json.ts";
import { apiVersionOf, resources } from "./objects/resources.ts";
import type { Resource } from "./objects/resources.ts";

/** The answer of a path that is no resource: text or JSON; `undefined` when there is none. */
export function pathAnswer(path: string): { readonly text: string } | { readonly json: Json } | undefined {
  switch (path.replace(/(?<=.)\/$/, "")) {
    case "/readyz":
    case "/livez":
    case "/healthz":
      return { text: "ok" };
    case "/version":
      return { json: version };
    case "/api":
      return { json: { kind: "APIVersions", versions: ["v1"], serverAddressByClientCIDRs: [] } };
    case "/api/v1":
      return { json: resourceList("") };
    case "/apis":
      return { json: { kind: "APIGroupList", apiVersion: "v1", groups: groups().map(groupInfo) } };
    default: {
      const [, group, wanted] = /^\/apis\/([^/]+)(?:\/([^/]+))?\/?$/.exec(path) ?? [];
      if (group === undefined || !groups().includes(group)) return undefined;
      if (wanted === undefined) return { json: { kind: "APIGroup", apiVersion: "v1", ...groupInfo(group) } };
      return wanted === "v1" ? { json: resourceList(group) } : undefined;
    }
  }
}

/** The version whose behaviour this server has. */
const version = {
  major: "1",
  minor: "37",
  gitVersion: "v1.37.1+kured-sim",
  gitCommit: "",
  gitTreeState: "clean",
  buildDate: "2026-01-01T00:00:00Z",
  goVersion: "",
  compiler: "",
  platform: "linux/amd64",
};

function groups(): readonly string[] {
  const named = resources.map(({ group }) => group).filter((group) => group !== "");
  return [...new Set([...named, "authorization.k8s.io"])];
}

function groupInfo(group: string): { readonly [field: string]: Json } {
  const served = { groupVersion: `${group}/v1`, version: "v1" };
  return { name: group, versions: [served], preferredVersion: served };
}

function resourceList(group: string): Json {
  const known = resources.filter((resource) => resource.group === group).flatMap(entries);
  const reviews = group === "authorization.k8s.io" ? [selfSubjectAccessReviews] : [];
  return {
    kind: "APIResourceList",
    ...(group !== "" && { apiVersion: "v1" }),
    groupVersion: apiVersionOf({ group, version: "v1" }),
    resources: [...known, ...reviews],
  };
}

const selfSubjectAccessReviews = {
  name: "selfsubjectaccessreviews",
  singularName: "selfsubjectaccessreview",
  namespaced: false,
  kind: "SelfSubjectAccessReview",
  verbs: ["create"],
};

/** `group` and `version` of the eviction are how clients learn which policy API it takes. */
const podSubresources: readonly Json[] = [
  { name: "pods/binding", singularName: "", namespaced: true, kind: "Binding", verbs: ["create"] },
  {
    name: "pods/eviction",
    singularName: "",
    namespaced: true,
    group: "policy",
    version: "v1",
    kind: "Eviction",
    verbs: ["create"],
  },
];

function entries(resource: Resource): readonly Json[] {
  const { plural, kind, namespaced, shortName } = resource;
  const whole = {
    name: plural,
    singularName: kind.toLowerCase(),
    namespaced,
    kind,
    verbs: ["create", "delete", "get", "list", "patch", "update", "watch"],
    ...(shortName !== "" && { shortNames: [shortName] }),
  };
  const part = { singularName: "", namespaced, kind };
  return [
    whole,
    ...(plural === "pods" ? podSubresources : []),
    ...(resource.hasStatus ? [{ ...part, name: `${plural}/status`, verbs: ["get", "patch", "update"] }] : []),
  ];
}
