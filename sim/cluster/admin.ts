import type { HttpRequest } from "../../src/ports/transport.ts";
import { isObject, parseJson, textAt } from "../apiserver/objects/json.ts";
import type { Json, JsonObject } from "../apiserver/objects/json.ts";
import type { KubeObject } from "../apiserver/objects/object.ts";
import type { ApiServer } from "../apiserver/server.ts";

/** Changes a cluster from the inside, at once, as a member of `system:masters`. Every refusal but a 404 throws. */
export interface Admin {
  /** `undefined` when there is none. */
  get(path: string): KubeObject | undefined;
  create(path: string, object: JsonObject): KubeObject;
  /** A merge patch; `undefined` when the object is gone. */
  merge(path: string, patch: JsonObject): KubeObject | undefined;
  /** Replaces the status as a whole. */
  setStatus(path: string, status: JsonObject): void;
  /** At once, whatever the object's grace period is. */
  remove(path: string): void;
  /** With the object's own grace period. */
  stop(path: string): void;
}

/** The name under which the request log shows it. */
export const adminUser = { name: "system:admin", groups: ["system:masters"] };

/** An administrator of this server, under a name of its own if that matters. */
export function adminOf(server: ApiServer, name = adminUser.name): Admin {
  const user = { ...adminUser, name };
  const ask = (asked: Question): Reply => replyTo(asked, { server, user });
  return {
    get: (path) => found(ask({ method: "GET", path })),
    create: (path, object) => expected(ask({ method: "POST", path, body: object })),
    merge: (path, patch) => found(ask({ method: "PATCH", path, body: patch, type: "application/merge-patch+json" })),
    setStatus: (path, status) => {
      const body = [{ op: "add", path: "/status", value: status }];
      found(ask({ method: "PATCH", path: `${path}/status`, body, type: "application/json-patch+json" }));
    },
    remove: (path) => {
      found(ask({ method: "DELETE", path, body: { gracePeriodSeconds: 0 } }));
    },
    stop: (path) => {
      found(ask({ method: "DELETE", path }));
    },
  };
}

/** The path of a pod, or of another part of it such as `binding`. */
export function podPath(pod: KubeObject, part = ""): string {
  const whole = `/api/v1/namespaces/${textAt(pod, "metadata", "namespace") ?? ""}/pods/${pod.metadata.name}`;
  return part === "" ? whole : `${whole}/${part}`;
}

interface Question {
  readonly method: HttpRequest["method"];
  readonly path: string;
  readonly body?: Json;
  readonly type?: string;
}

interface Reply {
  readonly asked: Question;
  readonly status: number;
  readonly body: string;
}

function replyTo(
  asked: Question,
  { server, user }: { readonly server: ApiServer; readonly user: typeof adminUser },
): Reply {
  const { method, path, body, type = "application/json" } = asked;
  const headers = { "content-type": type, "user-agent": "sim" };
  const request = { method, path, headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
  const answer = server.handle(request, { user });
  if (answer.kind === "watch") throw new Error(`${path} is a watch`);
  return { asked, status: answer.status, body: answer.body };
}

function found(reply: Reply): KubeObject | undefined {
  return reply.status === 404 ? undefined : expected(reply);
}

function expected({ asked, status, body }: Reply): KubeObject {
  const object = parseJson(body);
  if (status >= 300 || !isObject(object)) {
    throw new Error(`${asked.method} ${asked.path} answered ${status}: ${textAt(object, "message") ?? body}`);
  }
  return object as KubeObject;
}
