import type { HttpRequest } from "../../../src/ports/transport.ts";
import type { AccessAttributes, User } from "../access.ts";
import type { Outcome } from "../call.ts";
import { at, isObject, objectAt, parseJson, textAt } from "../objects/json.ts";
import { badRequest, invalid } from "../status.ts";

/** POST of a SelfSubjectAccessReview: may I? Everybody may ask. */
export function reviewAccess(
  request: HttpRequest,
  { user, allows }: { readonly user: User; readonly allows: (attributes: AccessAttributes) => boolean },
): Outcome {
  const review = parseJson(request.body ?? "");
  if (!isObject(review))
    throw badRequest("the object provided is unrecognized (must be of type SelfSubjectAccessReview)");
  const resource = at(review, "spec", "resourceAttributes");
  const path = at(review, "spec", "nonResourceAttributes");
  if (isObject(resource) === isObject(path)) {
    throw invalid({ group: "authorization.k8s.io", kind: "", name: "" }, [
      {
        field: "spec",
        message: "Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified",
        type: "FieldValueInvalid",
      },
    ]);
  }
  const text = (field: string): string => textAt(resource, field) ?? "";
  const allowed = allows({
    user,
    verb: textAt(isObject(resource) ? resource : path, "verb") ?? "",
    group: text("group"),
    resource: text("resource"),
    subresource: text("subresource"),
    name: text("name"),
    namespace: text("namespace"),
    path: textAt(path, "path") ?? "",
  });
  return {
    code: 201,
    body: {
      kind: "SelfSubjectAccessReview",
      apiVersion: "authorization.k8s.io/v1",
      metadata: {},
      spec: objectAt(review, "spec"),
      status: { allowed },
    },
  };
}
