import type { Call } from "../call.ts";
import { isObject, parseJson, textAt } from "../objects/json.ts";
import type { JsonObject } from "../objects/json.ts";
import { apiVersionOf } from "../objects/resources.ts";
import { badRequest, invalidOptions, tooLarge, unsupportedMediaType } from "../status.ts";
import { wrongType } from "../objects/wrong-type.ts";

/** The largest body that is read. */
const maxBytes = 3 * 1024 * 1024;

/** The object in a request's body; throws 400, 413 or 415 for what is none of the call's kind, name and namespace. */
export function bodyObject(call: Call): JsonObject {
  const { resource } = call;
  const object = bodyJson(call);
  const [kind, apiVersion] = [textAt(object, "kind"), textAt(object, "apiVersion")];
  if ((kind ?? resource.kind) !== resource.kind || (apiVersion ?? apiVersionOf(resource)) !== apiVersionOf(resource)) {
    throw badRequest(
      `${kind ?? resource.kind} in version "${apiVersion ?? ""}" cannot be handled as a ${resource.kind}: converting (${apiVersion ?? ""}, Kind=${kind ?? ""}) is not possible`,
    );
  }
  const wrong = wrongType(object);
  if (wrong !== undefined)
    throw badRequest(
      `${resource.kind} in version "${resource.version}" cannot be handled as a ${resource.kind}: ${wrong}`,
    );
  refuseOtherPlace(object, call);
  return object;
}

/** Throws a 400 when an object names another namespace or object than the request's path. */
export function refuseOtherPlace(
  object: JsonObject,
  { resource, namespace, name }: Pick<Call, "resource" | "namespace" | "name">,
): void {
  const itsNamespace = textAt(object, "metadata", "namespace") ?? "";
  if (resource.namespaced && itsNamespace !== "" && itsNamespace !== namespace) {
    throw badRequest(`the namespace of the provided object does not match the namespace sent on the request`);
  }
  const itsName = textAt(object, "metadata", "name") ?? "";
  if (name !== "" && itsName === "") {
    throw badRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`);
  }
  if (name !== "" && itsName !== name) {
    throw badRequest(`the name of the object (${itsName}) does not match the name on the URL (${name})`);
  }
}

/** The JSON object in a request's body; throws 400, 413 or 415. */
export function bodyJson(call: Call): JsonObject {
  const type = (call.headers["content-type"] ?? "application/json").split(";")[0]?.trim() ?? "";
  if (type !== "application/json")
    throw unsupportedMediaType(["application/json", "application/yaml", "application/vnd.kubernetes.protobuf"]);
  refuseTooLarge(call);
  const object = parseJson(call.body);
  if (isObject(object)) return object;
  throw object === undefined
    ? badRequest(
        `the object provided is unrecognized (must be of type ${call.resource.kind}): couldn't get version/kind; json parse error: invalid JSON`,
      )
    : badRequest(
        `the object provided is unrecognized (must be of type ${call.resource.kind}): couldn't get version/kind; json parse error: json: cannot unmarshal into an object`,
      );
}

/** Throws a 413 where the body is over the limit of the real server. */
export function refuseTooLarge(call: Call): void {
  if (Buffer.byteLength(call.body) > maxBytes) throw tooLarge(`limit is ${maxBytes}`);
}

/** The options of a deletion: from the body, or from the query where there is no body. */
export interface DeleteOptions {
  /** In seconds; `undefined` means the object's own. */
  readonly gracePeriodSeconds: number | undefined;
  /** Refuse unless the object is this one. */
  readonly uid: string | undefined;
  /** Refuse unless the object is still this old. */
  readonly resourceVersion: string | undefined;
  readonly dryRun: boolean;
}

/** Reads `deleteOptions`; throws a 422 for a dry run other than of all. */
export function deleteOptionsOf(options: JsonObject, call: Call): DeleteOptions {
  const grace = options["gracePeriodSeconds"] ?? queryNumber(call, "gracePeriodSeconds");
  const preconditions = isObject(options["preconditions"]) ? options["preconditions"] : {};
  return {
    gracePeriodSeconds: typeof grace === "number" ? grace : undefined,
    uid: textAt(preconditions, "uid"),
    resourceVersion: textAt(preconditions, "resourceVersion"),
    dryRun: call.dryRun || isDryRun(options["dryRun"], "DeleteOptions"),
  };
}

/** Whether `dryRun: ["All"]` is said; throws a 422 for anything else but nothing. */
export function isDryRun(values: unknown, kind: string): boolean {
  if (!Array.isArray(values) || values.length === 0) return false;
  if (values.every((value) => value === "All")) return true;
  const message = `Unsupported value: ${JSON.stringify(values)}: supported values: "All"`;
  throw invalidOptions(kind, { field: "dryRun", message, type: "FieldValueNotSupported" });
}

function queryNumber(call: Call, name: string): number | undefined {
  const text = call.query.get(name);
  if (text !== null && !/^-?\d+$/.test(text)) throw badRequest(`strconv.ParseInt: parsing "${text}": invalid syntax`);
  return text === null ? undefined : Number(text);
}
