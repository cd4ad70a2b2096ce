import type { Backend, Call, Outcome } from "../call.ts";
import { objectAt } from "../objects/json.ts";
import { keyOf } from "../objects/object.ts";
import type { KubeObject } from "../objects/object.ts";
import { fieldsMatch, parseFieldSelector } from "../selectors/fields.ts";
import { labelsMatch, parseLabelSelector } from "../selectors/labels.ts";
import { badRequest, expired, invalidOptions, notFound, tooLargeResourceVersion, unclassified } from "../status.ts";
import { listViewOf, objectViewOf, shown, shownList } from "../objects/view.ts";

/** GET of one object. */
export function get(call: Call, { store }: Backend): Outcome {
  const view = objectViewOf(call);
  wantedVersion(call, store.version);
  return { code: 200, body: shown(existing(call, store), { view, resource: call.resource }) };
}

/** The object that a call names; throws a 404 when there is none. */
export function existing(call: Call, store: Backend["store"]): KubeObject {
  const found = store.get(call.resource, callKey(call));
  if (found === undefined) throw notFound(call.resource, call.name);
  return found;
}

/** Where the store keeps what a call names. */
export function callKey({ namespace, name }: Pick<Call, "namespace" | "name">): string {
  return namespace === "" ? name : `${namespace}/${name}`;
}

/** GET of a collection, paged by `limit` and `continue`; every page shows the version of the first one. */
export function list(call: Call, { store }: Backend): Outcome {
  const view = listViewOf(call);
  const selects = selectionOf(call);
  const page = pageOf(call, store);
  const ahead = store
    .listAt(call.resource, page.version)
    .filter((object) => isPlaced(object, call) && (page.after === "" || keyOf(object) > page.after));
  const selected = ahead.filter(selects);
  const limit = limitOf(call);
  const items = limit > 0 ? selected.slice(0, limit) : selected;
  const last = items.at(-1);
  // A full page is followed by another wherever there is anything left, selected or not.
  const isFull = limit > 0 && items.length === limit && last !== undefined;
  const left = isFull ? ahead.filter((object) => keyOf(object) > keyOf(last)).length : 0;
  const metadata = {
    resourceVersion: String(page.version),
    ...(left > 0 && last && { continue: continueToken({ version: page.version, after: keyOf(last) }) }),
    ...(left > 0 && !isSelective(call) && { remainingItemCount: left }),
  };
  return { code: 200, body: shownList(items, { view, resource: call.resource, metadata }) };
}

/** Whether an object is in a call's namespace and selected by its selectors; throws a 400 for a bad selector. */
export function selectionOf(call: Call): (object: KubeObject) => boolean {
  const fields = parseFieldSelector(call.query.get("fieldSelector") ?? "", call.resource);
  const labels = parseLabelSelector(call.query.get("labelSelector") ?? "");
  return (object) =>
    isPlaced(object, call) &&
    fieldsMatch(fields, object) &&
    (labels.length === 0 || labelsMatch(labels, objectAt(object, "metadata", "labels")));
}

/** Whether it is where a call looks: in its namespace, or anywhere. */
function isPlaced(object: KubeObject, { namespace }: Call): boolean {
  return namespace === "" || object.metadata["namespace"] === namespace;
}

/** The version that a reader names: 0 for any; throws when it is no number, or one still to come. */
export function wantedVersion(call: Call, current: number): number {
  const text = call.query.get("resourceVersion") ?? "";
  if (!/^\d*$/.test(text)) throw garbledVersion(text, call.verb);
  const wanted = Number(text);
  if (wanted > current) throw tooLargeResourceVersion(wanted, current);
  return wanted;
}

/** A version that is no number: only lists have a proper refusal for it. */
export function garbledVersion(text: string, verb: Call["verb"]): Error {
  const message = `resourceVersion: Invalid value: "${text}": strconv.ParseUint: parsing "${text}": invalid syntax`;
  return verb === "list" ? badRequest(`invalid resource version: ${message}`) : unclassified(message);
}

/** In a token: go on with what is there now, although that is another list than the one that was begun. */
const asOfNow = -1;

interface Page {
  readonly version: number;
  /** The last key of the page before. */
  readonly after: string;
}

function pageOf(call: Call, store: Backend["store"]): Page {
  refuseMatch(call);
  const token = call.query.get("continue") ?? "";
  const page = token === "" ? firstPage(call, store.version) : continued(token);
  if (page.version === asOfNow) return { ...page, version: store.version };
  if (page.version >= store.compacted) return page;
  if (token === "") throw expired(listTooOld);
  throw expired(continueTooOld, { token: continueToken({ ...page, version: asOfNow }) });
}

function firstPage(call: Call, current: number): Page {
  const wanted = wantedVersion(call, current);
  const exact =
    call.query.get("resourceVersionMatch") === "Exact" ||
    (wanted > 0 && call.query.has("limit") && !call.query.has("resourceVersionMatch"));
  return { version: exact ? wanted : current, after: "" };
}

/** Throws a 422 for a `resourceVersionMatch` that means nothing. */
function refuseMatch({ query }: Call): void {
  const match = query.get("resourceVersionMatch") ?? "";
  if (match === "") return;
  const field = "resourceVersionMatch";
  const forbid = (unless: string): void => {
    const message = `Forbidden: resourceVersionMatch is forbidden ${unless}`;
    throw invalidOptions("ListOptions", { field, message, type: "FieldValueForbidden" });
  };
  const version = query.get("resourceVersion") ?? "";
  if (version === "") forbid("unless resourceVersion is provided");
  if ((query.get("continue") ?? "") !== "") forbid("when continue is provided");
  if (match !== "Exact" && match !== "NotOlderThan") {
    const message = `Unsupported value: "${match}": supported values: "Exact", "NotOlderThan", ""`;
    throw invalidOptions("ListOptions", { field, message, type: "FieldValueNotSupported" });
  }
  if (match === "Exact" && version === "0") forbid("when 'exact' is asked of resourceVersion \"0\"");
}

function continueToken({ version, after }: Page): string {
  return Buffer.from(JSON.stringify({ v: "meta.k8s.io/v1", rv: version, start: after })).toString("base64url");
}

function continued(token: string): Page {
  try {
    const { rv, start } = JSON.parse(Buffer.from(token, "base64url").toString()) as { rv: number; start: string };
    if (Number.isSafeInteger(rv) && typeof start === "string") return { version: rv, after: start };
  } catch {
    // Said below, as for a token of the wrong form.
  }
  throw badRequest("invalid continue token: continue key is not valid: the token cannot be decoded");
}

function limitOf(call: Call): number {
  const text = call.query.get("limit") ?? "0";
  if (!/^\d+$/.test(text)) throw badRequest(`strconv.ParseInt: parsing "${text}": invalid syntax`);
  return Number(text);
}

function isSelective(call: Call): boolean {
  return (call.query.get("fieldSelector") ?? "") !== "" || (call.query.get("labelSelector") ?? "") !== "";
}

const listTooOld = "The resourceVersion for the provided list is too old.";
const continueTooOld =
  "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter.";
