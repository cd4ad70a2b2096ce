import type { Random } from "../../src/ports/random.ts";
import type { HttpRequest } from "../../src/ports/transport.ts";
import { accessDenied } from "./access.ts";
import type { AccessAttributes, Admission, Authorizer, User } from "./access.ts";
import { jsonAnswer, refusal, textAnswer, watchAnswer } from "./answers.ts";
import type { Answer } from "./answers.ts";
import type { Backend, Call, Outcome } from "./call.ts";
import { pathAnswer } from "./discovery.ts";
import { attributesOf, callOf } from "./incoming.ts";
import type { KubeObject } from "./objects/object.ts";
import { findResource } from "./objects/resources.ts";
import { isBelowServedApi, routeOf } from "./route.ts";
import { failure, methodNotAllowed, pathNotFound, Refused, unauthorized } from "./status.ts";
import { Store } from "./store/store.ts";
import type { Change } from "./store/store.ts";
import { bind } from "./verbs/binding.ts";
import { create } from "./verbs/create.ts";
import { remove } from "./verbs/delete.ts";
import { evict } from "./eviction/eviction.ts";
import { get, list } from "./verbs/read.ts";
import { reviewAccess } from "./verbs/review.ts";
import { patch } from "./verbs/patch.ts";
import { update } from "./verbs/update.ts";
import { watch } from "./verbs/watch.ts";
import type { OpenWatches, Watch } from "./verbs/watch.ts";

/** What the server has from outside, and who may do what. */
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
  /** Hears of every write while it happens, and who caused it; must not write itself. Dry runs write nothing. */
  readonly onWrite?: (change: Change, user: string) => void;
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

/**
 * A Kubernetes API server for what kured uses: a state machine that never waits, without timers, wall clock or
 * chance of its own. Fronts (`fronts/`) put it behind a Transport or real HTTPS. Behaves as 1.37 does, except
 * that it keeps no managedFields, converts no old versions, and knows no kinds beyond `resources.ts`.
 */
export class ApiServer {
  readonly #backend: Backend & { readonly watches: OpenWatches };
  readonly #authorize: Authorizer;
  readonly #onRequest: (entry: LoggedRequest) => void;
  /** Whose request is being served. */
  #asker = "";

  constructor(options: ApiServerOptions) {
    const { clock, random, historyLimit = 10_000, onWrite } = options;
    const store = new Store({ historyLimit });
    if (onWrite !== undefined) store.listen((change) => onWrite(change, this.#asker));
    const backend = { store, random, nowMs: clock, watches: new Set<Watch>(), admission: () => undefined };
    for (const name of ["default", "kube-node-lease", "kube-public", "kube-system"]) createNamespace(name, backend);
    this.#backend = { ...backend, admission: options.admit ?? backend.admission };
    this.#authorize = options.authorize ?? (() => true);
    this.#onRequest = options.onRequest ?? (() => undefined);
  }

  /** Serves one request; `undefined` as the user means that authentication failed. Never throws. */
  handle(request: HttpRequest, { user }: { readonly user: User | undefined }): Answer {
    this.#asker = user?.name ?? "";
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

  /** One object of the core API as it is stored, by its key (`namespace/name`, or the name alone). */
  object(plural: string, key: string): KubeObject | undefined {
    const resource = findResource("", { version: "v1", plural });
    return resource && this.#backend.store.get(resource, key);
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
    if (route.kind !== "resource") return this.#serveOther(path, { request, user });
    const call = callOf(request, { user, route, query });
    this.#demand(attributesOf(call));
    return call.verb === "watch" ? watchAnswer(watch(call, this.#backend)) : jsonAnswer(perform(call, this.#backend));
  }

  #serveOther(path: string, { request, user }: { readonly request: HttpRequest; readonly user: User }): Answer {
    if (path === "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews") {
      if (request.method !== "POST") throw methodNotAllowed();
      return jsonAnswer(reviewAccess(request, { user, allows: (attributes) => this.allows(attributes) }));
    }
    const nothing = { group: "", resource: "", subresource: "", name: "", namespace: "" };
    this.#demand({ ...nothing, user, verb: request.method.toLowerCase(), path });
    const found = pathAnswer(path);
    if (found === undefined && isBelowServedApi(path)) throw pathNotFound();
    if (found === undefined) return textAnswer(404, "404 page not found\n");
    if (request.method !== "GET" && "json" in found) throw methodNotAllowed();
    return "text" in found ? textAnswer(200, found.text) : jsonAnswer({ code: 200, body: found.json });
  }

  #demand(attributes: AccessAttributes): void {
    if (!this.allows(attributes)) throw accessDenied(attributes);
  }
}

/** The namespaces that are there from the start, before anyone can admit or deny them. */
function createNamespace(name: string, backend: Backend): void {
  const path = "/api/v1/namespaces";
  const route = routeOf(path);
  if (route.kind !== "resource") return;
  const body = JSON.stringify({ metadata: { name } });
  const user = { name: "system:apiserver" };
  create(callOf({ method: "POST", path, headers: {}, body }, { user, route, query: new URLSearchParams() }), backend);
}

function perform(call: Call, backend: Backend): Outcome {
  if (call.subresource === "eviction") return evict(call, backend);
  if (call.subresource === "binding") return bind(call, backend);
  switch (call.verb) {
    case "get":
      return get(call, backend);
    case "list":
      return list(call, backend);
    case "create":
      return create(call, backend);
    case "update":
      return update(call, backend);
    case "patch":
      return patch(call, backend);
    case "delete":
      return remove(call, backend);
    case "watch":
      throw methodNotAllowed();
  }
}
