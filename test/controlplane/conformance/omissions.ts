import type { Json } from "../../../sim/apiserver/objects/json.ts";

/** A field that the real server adds to what it is given and the simulator does not. */
export interface Omission {
  /** Of the object that has it; `any` for all. */
  readonly kind: string;
  /** Its path in the object; `*` stands for every item of a list. */
  readonly field: string;
  /** Only this value is overlooked: another one differs. */
  readonly value: Json;
  readonly why: string;
}

/** A wording that is not imitated: of messages that match, only that there is one counts. */
export interface Wording {
  /** Of the real server's message. */
  readonly says: RegExp;
  readonly why: string;
}

/** Whatever the value is. */
export const anything = "<anything>";

const podDefault = "A default of pods that only a kubelet or the scheduler reads.";
const workloadDefault = "A default that only the DaemonSet controller and its pods read.";
const noTime = "The simulator leaves out a time that nobody gave.";
const noWord = "The simulator leaves out what nobody gave.";
const tolerated = { operator: "Exists", effect: "NoExecute", tolerationSeconds: 300 };

/** All of them. The suite fails for a row that has made no difference. */
export const omissions: readonly Omission[] = [
  { kind: "any", field: "metadata.managedFields", value: anything, why: "Nothing of kured reads or writes them." },
  { kind: "Pod", field: "spec.containers.*.imagePullPolicy", value: "IfNotPresent", why: podDefault },
  { kind: "Pod", field: "spec.containers.*.resources", value: {}, why: podDefault },
  { kind: "Pod", field: "spec.containers.*.terminationMessagePath", value: "/dev/termination-log", why: podDefault },
  { kind: "Pod", field: "spec.containers.*.terminationMessagePolicy", value: "File", why: podDefault },
  { kind: "Pod", field: "spec.dnsPolicy", value: "ClusterFirst", why: podDefault },
  { kind: "Pod", field: "spec.enableServiceLinks", value: true, why: podDefault },
  { kind: "Pod", field: "spec.preemptionPolicy", value: "PreemptLowerPriority", why: podDefault },
  { kind: "Pod", field: "spec.priority", value: 0, why: podDefault },
  { kind: "Pod", field: "spec.schedulerName", value: "default-scheduler", why: podDefault },
  { kind: "Pod", field: "spec.securityContext", value: {}, why: podDefault },
  { kind: "Pod", field: "spec.serviceAccount", value: "default", why: podDefault },
  { kind: "Pod", field: "spec.serviceAccountName", value: "default", why: podDefault },
  {
    kind: "Pod",
    field: "spec.tolerations",
    value: [
      { key: "node.kubernetes.io/not-ready", ...tolerated },
      { key: "node.kubernetes.io/unreachable", ...tolerated },
    ],
    why: podDefault,
  },
  { kind: "Pod", field: "status.qosClass", value: "BestEffort", why: podDefault },
  ...Object.entries({
    revisionHistoryLimit: 10,
    updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } },
    "template.spec.containers.*.imagePullPolicy": "IfNotPresent",
    "template.spec.containers.*.resources": {},
    "template.spec.containers.*.terminationMessagePath": "/dev/termination-log",
    "template.spec.containers.*.terminationMessagePolicy": "File",
    "template.spec.dnsPolicy": "ClusterFirst",
    "template.spec.restartPolicy": "Always",
    "template.spec.schedulerName": "default-scheduler",
    "template.spec.securityContext": {},
    "template.spec.terminationGracePeriodSeconds": 30,
  }).map(([field, value]) => ({ kind: "DaemonSet", field: `spec.${field}`, value, why: workloadDefault })),
  { kind: "Pod", field: "status.conditions.*.lastProbeTime", value: null, why: noTime },
  { kind: "Pod", field: "status.conditions.*.lastTransitionTime", value: null, why: noTime },
  { kind: "Node", field: "status.conditions.*.lastHeartbeatTime", value: null, why: noTime },
  { kind: "Node", field: "status.conditions.*.lastTransitionTime", value: null, why: noTime },
  ...["eventTime", "firstTimestamp", "lastTimestamp", "deprecatedFirstTimestamp", "deprecatedLastTimestamp"].map(
    (field) => ({ kind: "Event", field, value: null, why: noTime }),
  ),
  ...["reportingComponent", "reportingInstance"].map((field) => ({ kind: "Event", field, value: "", why: noWord })),
  ...["source", "deprecatedSource"].map((field) => ({ kind: "Event", field, value: {}, why: noWord })),
];

/** All of them. The suite fails for a row that has made no difference. */
export const wordings: readonly Wording[] = [
  { says: /^invalid continue token/, why: "Go's words for what is wrong with a token." },
  { says: /json parse error: /, why: "Go's words for what is wrong with JSON." },
  { says: /cannot be handled as an? /, why: "Go's words for what does not fit into its types." },
  { says: /cannot unmarshal /, why: "Go's words for what does not fit into its types." },
  { says: /^unable to parse requirement: /, why: "The place in a selector that is wrong." },
  { says: /^map: .* does not contain declared merge key/, why: "Quotes the patch as Go prints a map." },
  { says: /^The provided continue parameter is too old/, why: "Advice of several sentences." },
  { says: /Invalid value: "\{/, why: "Quotes the whole object, in Go's order of fields." },
  {
    says: /minAvailable and maxUnavailable cannot be both set/,
    why: "Quotes the whole object, in Go's names of fields.",
  },
  { says: /Forbidden: pod updates may not change fields/, why: "Ends in a comparison of Go's structures." },
];
