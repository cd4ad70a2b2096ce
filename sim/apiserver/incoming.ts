import type { HttpRequest } from "../../src/ports/transport.ts";
import type { AccessAttributes, User } from "./access.ts";
import type { Call, ResourceVerb } from "./call.ts";
import type { Route } from "./route.ts";
import { parseFieldSelector, selectedName } from "./selectors/fields.ts";
import { methodNotAllowed } from "./status.ts";
import { isDryRun } from "./verbs/body.ts";

/** A request on a resource, understood; throws a 405 for a method that its path does not have. */
export function callOf(
  request: HttpRequest,
  {
    user,
    route,
    query,
  }: { readonly user: User; readonly route: Route & { readonly kind: "resource" }; readonly query: URLSearchParams },
): Call {
  const { resource, namespace, name, subresource } = route;
  const verb = verbOf(request.method, { name, subresource, query });
  const dryRun = isDryRun(query.getAll("dryRun"), optionsKind[verb]);
  const { headers, body = "" } = request;
  return { user, resource, verb, namespace, name, subresource, query, headers, body, dryRun };
}

/** A list or watch that selects one name is authorised for that name, so that rights can be given by name. */
export function attributesOf(call: Call): AccessAttributes {
  const { user, verb, resource, subresource, namespace } = call;
  const selected = verb === "list" || verb === "watch" ? call.query.get("fieldSelector") : null;
  const name = selectedName(parseFieldSelector(selected ?? "", resource)) ?? call.name;
  return { user, verb, group: resource.group, resource: resource.plural, subresource, name, namespace, path: "" };
}

/** What a complaint about the options of a request calls them. */
const optionsKind: Readonly<Record<ResourceVerb, string>> = {
  get: "GetOptions",
  list: "ListOptions",
  watch: "ListOptions",
  create: "CreateOptions",
  update: "UpdateOptions",
  patch: "PatchOptions",
  delete: "DeleteOptions",
};

interface Addressed {
  readonly name: string;
  readonly subresource: string;
  readonly query: URLSearchParams;
}

/** Collections can be read and added to, objects read and changed, and some parts of objects only created. */
function verbOf(method: string, { name, subresource, query }: Addressed): ResourceVerb {
  const createOnly = subresource === "eviction" || subresource === "binding";
  if (method === "POST" && (createOnly || name === "")) return "create";
  if (createOnly) throw methodNotAllowed();
  if (method === "GET" && name === "") {
    return query.get("watch") === "true" || query.get("watch") === "1" ? "watch" : "list";
  }
  if (method === "GET") return "get";
  if (name === "") throw methodNotAllowed();
  if (method === "PUT") return "update";
  if (method === "PATCH") return "patch";
  if (method === "DELETE" && subresource === "") return "delete";
  throw methodNotAllowed();
}
