import type { NamedOption } from "../../src/config/options.ts";
import { daemonOptions, isSetByChart, valueName } from "./configuration.ts";

/** A JSON schema, as far as this one is built by hand. */
export type Schema = Readonly<Record<string, unknown>>;

/** What `helm` holds every values file against: the chart's own values, and below `configuration` the options table. */
export function valuesSchema(): Schema {
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "Values of the kured chart",
    type: "object",
    additionalProperties: false,
    properties: { ...topLevel, configuration: configuration() },
  };
}

function configuration(): Schema {
  const options = daemonOptions().filter(({ name }) => !isSetByChart(name));
  return {
    type: ["object", "null"],
    additionalProperties: false,
    properties: {
      ...Object.fromEntries(options.map((option) => [valueName(option.name), optionSchema(option)])),
      annotationTtl: { description: "the name of lockTtl in charts up to 2.2.0", type: textTypes },
      notifyUrlSecret: secret("the value of --notify-url"),
      slackHookUrlSecret: secret("the value of --slack-hook-url"),
      useRebootSentinelHostPath: {
        description: "mount the folder of rebootSentinel, so that the daemon sees the file at once",
        type: ["boolean", "null"],
      },
    },
  };
}

/**
 * Loose where kured's charts were: a number for a text, and "" for whatever is not set. How a duration or a time is
 * written the templates say in a sentence, because a pattern makes none.
 */
function optionSchema({ name, type, usage }: NamedOption): Schema {
  const described = { description: usage };
  const choice = choices[name];
  if (choice !== undefined) return { ...described, enum: [...choice, "", null] };
  switch (type) {
    case "bool":
      return { ...described, enum: [true, false, "true", "false", "", null] };
    case "int":
      return { ...described, type: ["integer", "string", "null"], pattern: "^([-+]?[0-9]+)?$" };
    case "stringSlice":
    case "stringArray":
      return { ...described, type: ["array", "string", "number", "null"], items: { type: ["string", "number"] } };
    case "duration":
    case "regexp":
    case "string":
      return { ...described, type: textTypes };
  }
}

const textTypes = ["string", "number", "null"];

const choices: Readonly<Record<string, readonly string[]>> = {
  "failed-reboot": ["give-back", "keep-cordon"],
  "log-format": ["text", "json"],
  "reboot-method": ["command", "signal"],
};

function secret(what: string): Schema {
  return {
    description: `an existing Secret of the release's namespace with ${what}`,
    type: ["object", "null"],
    additionalProperties: false,
    properties: { name: optional("string"), key: optional("string") },
  };
}

function optional(...types: readonly string[]): Schema {
  return { type: [...types, "null"] };
}

/** An object of Kubernetes' own, which its API server checks better than we could. */
const anything = optional("object");
const list = optional("array", "object");
const text = optional("string");
const flag = optional("boolean");
const whole = optional("integer", "string");

function closed(properties: Readonly<Record<string, Schema>>): Schema {
  return { type: ["object", "null"], additionalProperties: false, properties };
}

const topLevel: Readonly<Record<string, Schema>> = {
  mode: { enum: ["auto", "classic", "coordinated", "", null] },
  layout: { enum: ["auto", "chart", "chart-2", "manifest", "", null] },
  image: closed({ repository: text, tag: optional("string", "number"), pullPolicy: text, pullSecrets: list }),
  revisionHistoryLimit: whole,
  updateStrategy: { enum: ["RollingUpdate", "OnDelete", null] },
  maxUnavailable: whole,
  podAnnotations: anything,
  dsAnnotations: anything,
  podLabels: anything,
  extraArgs: anything,
  extraEnvVars: list,
  rbac: closed({ create: flag }),
  serviceAccount: closed({ create: flag, name: text, extraAnnotations: anything }),
  cleanup: closed({ enabled: flag }),
  podSecurityPolicy: closed({ create: flag }),
  containerSecurityContext: anything,
  resources: anything,
  hostNetwork: flag,
  metrics: closed({ create: flag, namespace: text, labels: anything, interval: text, scrapeTimeout: text }),
  service: closed({ create: flag, port: whole, annotations: anything, name: text, type: text, nodePort: whole }),
  livenessProbe: anything,
  readinessProbe: anything,
  priorityClassName: text,
  tolerations: list,
  affinity: anything,
  nodeSelector: anything,
  volumeMounts: list,
  volumes: list,
  initContainers: list,
  nameOverride: text,
  fullnameOverride: text,
  coordinator: closed({
    replicas: { type: ["integer", "null"], minimum: 1 },
    resources: anything,
    nodeSelector: anything,
    tolerations: list,
    affinity: anything,
    priorityClassName: text,
    podAnnotations: anything,
    podLabels: anything,
    volumes: list,
    volumeMounts: list,
  }),
  // What Helm and older charts put here, and what their readers took from a wrong line of a README.
  global: anything,
  enabled: flag,
  tags: anything,
  autolock: anything,
  useRebootSentinelHostPath: flag,
  metricsHost: text,
  metricsPort: whole,
};
