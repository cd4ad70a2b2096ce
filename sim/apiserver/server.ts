import type { Random } from "../../src/ports/random.ts";
import type { HttpRequest } from "../../src/ports/transport.ts";
import { accessDenied } from "./access.ts";
import type { AccessAttributes, Admission, Authorizer, User } from "./access.ts";
import type { Backend, Call, Outcome, ResourceVerb } from "./call.ts";
import { pathAnswer } from "./discovery.ts";
import { numberAt } from "./json.ts";
import type { Json } from "./json.ts";
import type { KubeObject } from "./object.ts";
import { findResource, resources } from "./resources.ts";
import { routeOf } from "./route.ts";
import type { Route } from "./route.ts";
import { parseFieldSelector } from "./selectors/fields.ts";
import { failure, methodNotAllowed, pathNotFound, Refused, unauthorized } from "./status.ts";
import { Store } from "./store/store.ts";
import { bind } from "./verbs/binding.ts";
import { isDryRun } from "./verbs/body.ts";
import { create, created } from "./verbs/create.ts";
import { remove } from "./verbs/delete.ts";
import { evict } from "./verbs/eviction.ts";
import { get, list } from "./verbs/read.ts";
import { reviewAccess } from "./verbs/review.ts";
import { patch, update } from "./verbs/update.ts";
import { watch } from "./verbs/watch.ts";
import type { OpenWatches, Watch } from "./verbs/watch.ts";

export interface ApiServerOptions {
  /** Wall time in milliseconds, for timestamps only: the server itself never waits. */
  readonly clock: () => number;
  /** For uids and generated names. */
  readonly random: Random;
  /** Everything is allowed when left out. */
  readonly authorize?: Authorizer;
  /** Nothing is denied when left out. */
  readonly admit?: Admission;
  /** Hears of every request after it was answered; a watch counts when it begins. */
  readonly onRequest?: (entry: LoggedRequest) => void;
  /** How many writes are remembered for watches and pages before the oldest are compacted away. */
  readonly historyLimit?: number;
}

/** One answered request, as an audit log has it. */
export interface LoggedRequest {
  readonly user: string;
  readonly method: string;
  readonly path: string;
  readonly userAgent: string;
  readonly status: number;
  /** Whether it opened a watch. */
  readonly watch: boolean;
}

/** What the server says to one request. */
export type Answer =
  /** All of it; the body is JSON, or text for the health endpoints. */
  | {
      readonly kind: "whole";
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: string;
    }
  /** A stream of lines that begins with `watch.open`. */
  | {
      readonly kind: "watch";
      readonly status: 200;
      readonly headers: Readonly<Record<string, string>>;
      readonly watch: Watch;
    };

/**
 * A Kubernetes API server for what kured uses: a state machine that never waits, without timers, wall clock or
 * chance of its own. Fronts (`fronts/`) put it behind a Transport or real HTTPS. Behaves as 1.37 does, except
 * that it keeps no managedFields, converts no old versions, and knows no kinds beyond `resources.ts`.
 */
export class ApiServer {
  readonly #backend: Backend & { readonly watches: OpenWatches };
  readonly #authorize: Authorizer;
  readonly #onRequest: (entry: LoggedRequest) => void;

  constructor(options: ApiServerOptions) {
    const { clock, random, historyLimit = 10_000 } = options;
    this.#backend = {
      store: new Store({ historyLimit }),
      random,
      nowMs: clock,
      admission: options.admit ?? (() => undefined),
      watches: new Set(),
    };
    this.#authorize = options.authorize ?? (() => true);
    this.#onRequest = options.onRequest ?? (() => undefined);
    for (const name of ["default", "kube-node-lease", "kube-public", "kube-system"]) this.#createNamespace(name);
  }

  /** Serves one request; `undefined` as the user means that authentication failed. Never throws. */
  handle(request: HttpRequest, { user }: { readonly user: User | undefined }): Answer {
    const answer = this.#answer(request, user);
    this.#onRequest({
      user: user?.name ?? "",
      method: request.method,
      path: request.path,
      userAgent: request.headers["user-agent"] ?? "",
      status: answer.status,
      watch: answer.kind === "watch",
    });
    return answer;
  }

  /** Whether a user may do something; also what SelfSubjectAccessReviews answer. `system:masters` may do everything. */
  allows(attributes: AccessAttributes): boolean {
    return (attributes.user.groups ?? []).includes("system:masters") || this.#authorize(attributes);
  }

  /** Forgets all history up to now: older watches and pages get 410. Open watches go on. */
  compact(): void {
    this.#backend.store.compact();
  }

  /** Ends every open watch: properly, in mid-body, or with the 410 event of a lost history. */
  cutWatches(how: "closed" | "cut" | "expired" = "cut"): void {
    for (const open of this.#backend.watches) {
      if (how === "expired") open.expire();
      else open.end(how);
    }
  }

  /** Everything of one kind as it is stored, sorted; for worlds, checkers and tests that need no HTTP. */
  objects(plural: string, { group = "" }: { readonly group?: string } = {}): readonly KubeObject[] {
    const resource = findResource(group, { version: "v1", plural });
    return resource === undefined ? [] : this.#backend.store.list(resource);
  }

  /** Sends a bookmark to every open watch that wants them; the real server does so about once a minute. */
  sendBookmarks(): void {
    for (const open of this.#backend.watches) open.bookmark();
  }

  /** How many watches are open. */
  get watchCount(): number {
    return this.#backend.watches.size;
  }

  /** The version of the last write. */
  get resourceVersion(): number {
    return this.#backend.store.version;
  }

  #answer(request: HttpRequest, user: User | undefined): Answer {
    try {
      if (user === undefined) throw unauthorized();
      return this.#serve(request, user);
    } catch (error) {
      if (error instanceof Refused) return refusal(error);
      const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
      return refusal(failure(500, "InternalError", { message: `Internal error occurred: ${message}` }));
    }
  }

  #serve(request: HttpRequest, user: User): Answer {
    const [path = "", ...rest] = request.path.split("?");
    const query = new URLSearchParams(rest.join("?"));
    const route = routeOf(path);
    if (route.kind !== "resource") return this.#serveOther(route, { request, user, path });
    const call = this.#call(route, { request, user, query });
    this.#demand(attributesOf(call));
    if (call.verb === "watch") {
      return { kind: "watch", status: 200, headers: jsonHeaders, watch: watch(call, this.#backend) };
    }
    return whole(this.#perform(call));
  }

  #call(
    { resource, namespace, name, subresource }: Route & { readonly kind: "resource" },
    { request, user, query }: { readonly request: HttpRequest; readonly user: User; readonly query: URLSearchParams },
  ): Call {
    const verb = verbOf(request.method, { name, query });
    const dryRun = isDryRun(query.getAll("dryRun"), `${resource.kind}Options`);
    const { headers, body = "" } = request;
    return { user, resource, verb, namespace, name, subresource, query, headers, body, dryRun };
  }

  #perform(call: Call): Outcome {
    if (call.subresource === "eviction" || call.subresource === "binding") {
      if (call.verb !== "create") throw methodNotAllowed();
      return call.subresource === "eviction" ? evict(call, this.#backend) : bind(call, this.#backend);
    }
    switch (call.verb) {
      case "get":
        return get(call, this.#backend);
      case "list":
        return list(call, this.#backend);
      case "create":
        if (call.name !== "") throw methodNotAllowed();
        return create(call, this.#backend);
      case "update":
        return update(call, this.#backend);
      case "patch":
        return patch(call, this.#backend);
      case "delete":
        if (call.subresource !== "") throw methodNotAllowed();
        return remove(call, this.#backend);
      case "watch":
        throw methodNotAllowed();
    }
  }

  #serveOther(
    route: Exclude<Route, { readonly kind: "resource" }>,
    { request, user, path }: { readonly request: HttpRequest; readonly user: User; readonly path: string },
  ): Answer {
    if (path === "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews" && request.method === "POST") {
      return whole(reviewAccess(request, { user, allows: (attributes) => this.allows(attributes) }));
    }
    if (route.kind === "unknownResource") throw pathNotFound();
    this.#demand({
      user,
      verb: request.method.toLowerCase(),
      path,
      group: "",
      resource: "",
      subresource: "",
      name: "",
      namespace: "",
    });
    const found = pathAnswer(path);
    if (found === undefined) return { kind: "whole", status: 404, headers: textHeaders, body: "404 page not found\n" };
    if (request.method !== "GET") throw methodNotAllowed();
    return "text" in found
      ? { kind: "whole", status: 200, headers: textHeaders, body: found.text }
      : whole({ code: 200, body: found.json });
  }

  #demand(attributes: AccessAttributes): void {
    if (!this.allows(attributes)) throw accessDenied(attributes);
  }

  #createNamespace(name: string): void {
    const resource = resources.find(({ kind }) => kind === "Namespace");
    if (resource === undefined) return;
    const call: Call = {
      user: { name: "system:apiserver" },
      resource,
      verb: "create",
      namespace: "",
      name: "",
      subresource: "",
      query: new URLSearchParams(),
      headers: {},
      body: "",
      dryRun: false,
    };
    created(call, { backend: { ...this.#backend, admission: () => undefined }, body: { metadata: { name } } });
  }
}

function verbOf(
  method: string,
  { name, query }: { readonly name: string; readonly query: URLSearchParams },
): ResourceVerb {
  switch (method) {
    case "GET":
      if (name !== "") return "get";
      return query.get("watch") === "true" || query.get("watch") === "1" ? "watch" : "list";
    case "POST":
      return "create";
    case "PUT":
      return named("update", name);
    case "PATCH":
      return named("patch", name);
    case "DELETE":
      return named("delete", name);
    default:
      throw methodNotAllowed();
  }
}

function named(verb: ResourceVerb, name: string): ResourceVerb {
  if (name === "") throw methodNotAllowed();
  return verb;
}

/** A list or watch that selects one name is authorised for that name, so that rights can be given by name. */
function attributesOf(call: Call): AccessAttributes {
  const { user, verb, resource, subresource, namespace } = call;
  const collection = verb === "list" || verb === "watch";
  const byName = collection
    ? parseFieldSelector(call.query.get("fieldSelector") ?? "", resource).find(
        ({ field, negated }) => field === "metadata.name" && !negated,
      )
    : undefined;
  const name = byName?.value ?? call.name;
  return { user, verb, group: resource.group, resource: resource.plural, subresource, name, namespace, path: "" };
}

const jsonHeaders = { "content-type": "application/json", "cache-control": "no-cache, private" };
const textHeaders = { "content-type": "text/plain; charset=utf-8", "cache-control": "no-cache, private" };

function whole({ code, body }: { readonly code: number; readonly body: Json }): Answer {
  return { kind: "whole", status: code, headers: jsonHeaders, body: `${JSON.stringify(body)}\n` };
}

function refusal({ code, status }: Refused): Answer {
  const answer = whole({ code, body: status });
  const seconds = numberAt(status, "details", "retryAfterSeconds");
  return seconds === undefined ? answer : { ...answer, headers: { ...answer.headers, "retry-after": String(seconds) } };
}
