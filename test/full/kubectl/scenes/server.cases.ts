import { statusAnswer } from "../../../controlplane/proxy/faults.ts";
import { startWebhook } from "../webhook.ts";
import { endThrottling, throttleEvictions } from "../flow-control.ts";
import type { ArmedTwin, Scene } from "../scene.ts";
import { addPod, deletePod, forbid, holdNamespace, keepFinalizers, letGo, lingering } from "../things.ts";

const isEviction = ({ path }: { readonly path: string }): boolean => path.includes("/eviction");

/** What else the API server says to an eviction. */
export const serverScenes: readonly Scene[] = [
  {
    name: "policy",
    title: "A policy that forbids it",
    make: async (twin) => {
      await addPod(twin, "web");
      await forbid(twin, { of: "evictions", operation: "CREATE", resource: "pods/eviction", pod: "web" });
    },
    stages: [
      {
        pods: [{ app: "web", kubectl: "403" }],
        drain: { kubectl: "failed", here: "goes on", why: "who forbids may allow, and says so in the verdict" },
        says: {
          kubectl: "not while it is forbidden",
          here: "Evicting pod NS/web is forbidden: … not while it is forbidden",
        },
      },
      {
        when: "it is allowed",
        change: (twin) => allow(twin, "evictions"),
        pods: [{ app: "web", kubectl: "403", here: "403, evicted" }],
        drain: { kubectl: "failed", here: "rebooted" },
      },
    ],
  },
  {
    name: "hooklater",
    title: "A webhook that puts it off with 429",
    make: async (twin) => {
      await addPod(twin, "web");
      await startWebhook(twin, { code: 429, message: "not before noon", pod: "web" });
    },
    stages: [
      {
        pods: [{ app: "web", kubectl: "429" }],
        drain: { kubectl: "goes on", here: "goes on" },
        says: {
          kubectl: "(will retry after 5s): admission webhook … denied the request: not before noon",
          here: "DrainBlocked: … Evicting pod NS/web was put off: … not before noon",
        },
      },
      {
        when: "the webhook goes",
        change: removeWebhook,
        pods: [{ app: "web", kubectl: "429, evicted" }],
        drain: { kubectl: "done", here: "rebooted" },
      },
    ],
  },
  {
    name: "hookmoves",
    title: "A webhook that puts it off, of a pod that is being moved away",
    make: async (twin) => {
      const annotations = { "descheduler.alpha.kubernetes.io/eviction-in-progress": "virt" };
      await addPod(twin, "machine", { metadata: { annotations } });
      await startWebhook(twin, { code: 429, message: "being migrated", pod: "machine" });
    },
    stages: [
      {
        pods: [{ app: "machine", kubectl: "429" }],
        drain: { kubectl: "goes on", here: "goes on" },
        says: {
          kubectl: "(will retry after 5s): admission webhook … being migrated",
          here: 'Draining: … Pod NS/machine is being moved away by "virt", as its annotation says.',
        },
      },
      {
        when: "it has been moved",
        change: async (twin) => {
          await deletePod(twin, "machine");
        },
        pods: [{ app: "machine", kubectl: "429" }],
        drain: {
          kubectl: "goes on",
          here: "rebooted",
          why: "kubectl asks for the pod until the webhook lets it hear that there is none",
        },
      },
    ],
  },
  {
    name: "hookno",
    title: "A webhook that refuses with 403",
    make: async (twin) => {
      await addPod(twin, "web");
      await startWebhook(twin, { code: 403, message: "never on a Friday", pod: "web" });
    },
    stages: [
      {
        pods: [{ app: "web", kubectl: "403" }],
        drain: { kubectl: "failed", here: "goes on", why: "webhooks change their minds" },
        says: {
          kubectl: "never on a Friday",
          here: "DrainBlocked: … Evicting pod NS/web is forbidden: … never on a Friday",
        },
      },
      {
        when: "the webhook goes",
        change: removeWebhook,
        pods: [{ app: "web", kubectl: "403", here: "403, evicted" }],
        drain: { kubectl: "failed", here: "rebooted" },
      },
    ],
  },
  {
    name: "hookdown",
    title: "A webhook that does not answer",
    make: async (twin) => {
      await addPod(twin, "web");
      await startWebhook(twin, { code: 500, pod: "web" });
    },
    stages: [
      {
        pods: [{ app: "web", kubectl: "500" }],
        drain: { kubectl: "failed", here: "goes on", why: "its pod may be one that is just starting again" },
        says: {
          kubectl: "failed calling webhook",
          here: "DrainBlocked: … Evicting pod NS/web failed: … failed calling webhook",
        },
      },
      {
        when: "the webhook goes",
        change: removeWebhook,
        pods: [{ app: "web", kubectl: "500", here: "500, evicted" }],
        drain: { kubectl: "failed", here: "rebooted" },
      },
    ],
  },
  {
    name: "busy",
    title: "The API server's own load control (429 with `Retry-After: 1`)",
    make: async (twin) => {
      await addPod(twin, "web");
      await throttleEvictions(twin, "web");
    },
    stages: [
      {
        pods: [{ app: "web", kubectl: "429" }],
        drain: { kubectl: "goes on", here: "goes on" },
        says: { here: "DrainBlocked: … The API server is too busy to evict pod NS/web." },
      },
      {
        when: "it has room again",
        change: endThrottling,
        pods: [{ app: "web", kubectl: "429, evicted" }],
        drain: { kubectl: "done", here: "rebooted" },
      },
    ],
  },
  {
    name: "conflicts",
    title: "504: the budget is written by too many at once",
    byProxy: true,
    make: (twin) => addPod(twin, "web"),
    arm: async ({ proxy }) => {
      proxy.answerOnce(isEviction, statusAnswer(504, "Timeout", { retryAfterSeconds: 3 }));
    },
    stages: [
      {
        pods: [{ app: "web", kubectl: "504, evicted" }],
        drain: { kubectl: "done", here: "rebooted" },
      },
    ],
  },
  {
    name: "broken",
    title: "The connection breaks before there is an answer",
    byProxy: true,
    make: (twin) => addPod(twin, "web"),
    arm: async ({ proxy }) => {
      proxy.plan({ matches: isEviction, fault: { kind: "drop" } });
    },
    stages: [
      {
        pods: [{ app: "web", kubectl: "no answer", here: "no answer, evicted" }],
        drain: { kubectl: "failed", here: "rebooted", why: "it is asked again" },
      },
    ],
  },
  {
    name: "nsgoing",
    title: "A namespace that is being deleted",
    make: async (twin) => {
      await addPod(twin, "web");
      await addPod(twin, "leaving", lingering);
      await keepFinalizers(twin, "leaving");
      await deletePod(twin, "leaving");
      await holdNamespace(twin, "web");
    },
    stages: [
      {
        pods: [
          { app: "web", kubectl: "403" },
          {
            app: "leaving",
            what: "one that terminates",
            kubectl: "403, waited for",
            here: "waited for",
            why: "it changes nothing",
          },
        ],
        drain: { kubectl: "goes on", here: "goes on" },
        says: {
          kubectl: 'error when evicting pod "web" from terminating namespace "NS" (will retry after 5s)',
          here: "DrainBlocked: … The namespace NS is being deleted, and pod NS/web with it.",
        },
      },
      {
        when: "they are gone with it",
        change: async (twin) => {
          await allow(twin, "deletions");
          await deletePod(twin, "web");
          await letGo(twin, "leaving");
        },
        pods: [
          { app: "web", kubectl: "403, 404", here: "403" },
          { app: "leaving", what: "one that terminates", kubectl: "403", here: "gone" },
        ],
        drain: { kubectl: "done", here: "rebooted" },
      },
    ],
  },
];

async function allow({ admin, namespace }: ArmedTwin, of: string): Promise<void> {
  await admin.delete({ kind: "ValidatingAdmissionPolicyBinding", metadata: { name: `${namespace}-${of}` } });
}

async function removeWebhook({ admin, namespace }: ArmedTwin): Promise<void> {
  await admin.delete({ kind: "ValidatingWebhookConfiguration", metadata: { name: namespace } });
}
