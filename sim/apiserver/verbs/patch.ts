import type { Backend, Call, Outcome } from "../call.ts";
import { eventsShown, eventsStored } from "../objects/events.ts";
import { isObject, parseJson, textAt } from "../objects/json.ts";
import type { Json, JsonObject } from "../objects/json.ts";
import { objectViewOf, shown } from "../objects/view.ts";
import { wrongType } from "../objects/wrong-type.ts";
import { applyJsonPatch } from "../patches/json-patch.ts";
import { applyMergePatch } from "../patches/merge-patch.ts";
import { applyStrategicMergePatch } from "../patches/strategic-merge-patch.ts";
import { badRequest, failure, invalid } from "../status.ts";
import { refuseOtherPlace, refuseTooLarge } from "./body.ts";
import { existing } from "./read.ts";
import { replaced } from "./replace.ts";

/** PATCH of an object or its status, in any of the three languages. */
export function patch(call: Call, backend: Backend): Outcome {
  const view = objectViewOf(call);
  const apply = patchLanguage(call);
  refuseTooLarge(call);
  const parsed = parseJson(call.body);
  if (parsed === undefined) throw badRequest("invalid JSON patch");
  const old = existing(call, backend.store);
  const current = eventsShown(old, call.resource);
  const proposed = apply(current, parsed);
  const wrong = otherKind(proposed, current) ?? wrongType(proposed);
  if (wrong !== undefined) {
    const message = `Invalid value: ${JSON.stringify(JSON.stringify(proposed))}: ${wrong}`;
    throw invalid({ group: "", kind: "", name: "" }, [{ field: "patch", message, type: "FieldValueInvalid" }]);
  }
  refuseOtherPlace(proposed, call);
  const object = replaced(old, { call, backend, proposed: eventsStored(proposed, call.resource) });
  return { code: 200, body: shown(object, { view, resource: call.resource }) };
}

function otherKind(proposed: JsonObject, current: JsonObject): string | undefined {
  const [kind, version] = [textAt(proposed, "kind"), textAt(proposed, "apiVersion")];
  if (kind === current["kind"] && version === current["apiVersion"]) return undefined;
  return `no kind "${kind ?? ""}" is registered for version "${version ?? ""}"`;
}

function patchLanguage(call: Call): (current: JsonObject, parsed: Json) => JsonObject {
  const type = (call.headers["content-type"] ?? "").split(";")[0] ?? "";
  switch (type) {
    case "application/json-patch+json":
      return (current) => applyJsonPatch(current, call.body);
    case "application/merge-patch+json":
      return (current, parsed) => applyMergePatch(current, patchObject(parsed));
    case "application/strategic-merge-patch+json":
      return (current, parsed) => applyStrategicMergePatch(current, patchObject(parsed));
    default:
      throw failure(415, "UnsupportedMediaType", { message: "415: Unsupported Media Type", details: {} });
  }
}

function patchObject(parsed: Json): JsonObject {
  if (!isObject(parsed))
    throw badRequest(
      "error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}",
    );
  return parsed;
}
