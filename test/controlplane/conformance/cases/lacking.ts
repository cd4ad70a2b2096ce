import type { Case } from "../step.ts";
import { asked, get, merge, open, post, read, remove } from "../step.ts";
import { configMap, node, nodePath, paths } from "./objects.ts";

/** A case in which the two servers differ, and are meant to. */
export interface Lack extends Case {
  readonly why: string;
}

/**
 * What the simulator deliberately does not do, because nothing of kured asks for it. The suite fails when a row is no
 * longer different, so that this table stays true.
 */
export const lacking: readonly Lack[] = [
  {
    name: "watches that begin with a list",
    why: "kured lists first, as every server understands.",
    steps: [
      post(paths.configmaps, configMap("c")),
      open(
        "w",
        `${paths.configmaps}?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true`,
      ),
      read("w", 2),
    ],
  },
  {
    name: "tokens of service accounts",
    why: "The demo and the simulator hand out their own.",
    steps: [
      post("/api/v1/namespaces/$(ns)/serviceaccounts/default/token", {
        kind: "TokenRequest",
        apiVersion: "authentication.k8s.io/v1",
        spec: {},
      }),
    ],
  },
  {
    name: "server-side apply",
    why: "kured patches by test and merge, and the simulator keeps no managedFields.",
    steps: [
      {
        ...merge(`${paths.configmaps}/c?fieldManager=x`, configMap("c")),
        headers: { "content-type": "application/apply-patch+yaml" },
      },
    ],
  },
  {
    name: "bodies in YAML",
    why: "kured writes JSON.",
    steps: [post(paths.configmaps, "metadata: {name: c}", { headers: { "content-type": "application/yaml" } })],
  },
  {
    name: "tables",
    why: "They are for kubectl's eyes.",
    steps: [get(paths.configmaps, { headers: { accept: "application/json;as=Table;g=meta.k8s.io;v=v1" } })],
  },
  {
    name: "the deletion of a whole collection",
    why: "kured has no right to it.",
    steps: [remove(`${paths.configmaps}?labelSelector=none`)],
  },
  {
    name: "warnings and refusals of unknown fields",
    why: "The simulator knows no schemas: it keeps what it does not know.",
    steps: [
      post(paths.configmaps, configMap("c", { gadget: "x" })),
      post(`${paths.configmaps}?fieldValidation=Strict`, configMap("d", { gadget: "x" })),
    ],
  },
  {
    name: "types below the first fields of a spec",
    why: "The simulator checks the types of metadata and of what kured writes.",
    steps: [merge(nodePath("a"), {}), post(paths.nodes, node("a", { spec: { providerID: 7 } }))],
  },
  {
    name: "kinds that kured neither reads nor writes",
    why: "The simulator serves what is in objects/resources.ts.",
    steps: [get("/api/v1/namespaces/$(ns)/secrets"), get("/api/v1/namespaces/$(ns)/services")],
  },
  {
    name: "the words to a stranger who asks for a kind that nobody knows",
    why: "Both refuse with 403; the simulator names the path.",
    steps: [asked("stranger", get("/api/v1/gadgets"))],
  },
  {
    name: "who is asked about by others",
    why: "kured asks for itself alone.",
    steps: [
      post("/apis/authorization.k8s.io/v1/subjectaccessreviews", {
        kind: "SubjectAccessReview",
        apiVersion: "authorization.k8s.io/v1",
        spec: { user: "x", resourceAttributes: { verb: "get", resource: "nodes" } },
      }),
    ],
  },
];
