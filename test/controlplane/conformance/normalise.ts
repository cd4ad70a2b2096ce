import { at, isList, isObject, sameJson, textAt, without } from "../../../sim/apiserver/objects/json.ts";
import type { Json, JsonObject } from "../../../sim/apiserver/objects/json.ts";
import type { Heard } from "./play.ts";

// What two servers may legitimately say differently: uids, versions, times, generated names, page tokens. Each becomes
// a word that keeps what a client can rely on: which are the same, and of versions which is the newer.

/** The headers that clients go by. */
const headerNames = ["content-type", "cache-control", "retry-after", "warning"];

/** What was heard, in words that are the same for every server that behaves the same. */
export function normalised(transcript: readonly Heard[]): readonly Json[] {
  const words = wordsOf(transcript);
  return transcript.map((heard): Json => {
    switch (heard.kind) {
      case "answer": {
        const headers = headerNames.map((name) => [name, heard.headers[name]] as const);
        return {
          status: heard.status,
          headers: Object.fromEntries(headers.filter(([, value]) => value !== undefined)),
          body: worded(heard.body, words),
        };
      }
      case "events":
        return { events: onceMarked(heard.events.map((event) => worded(event, words))), ended: heard.ended };
      case "nothing":
        return null;
    }
  });
}

/** The real server now and then says the same twice, a second apart. */
function onceMarked(events: readonly Json[]): readonly Json[] {
  return events.filter((event, index) => at(event, "type") !== "BOOKMARK" || !sameJson(event, events[index - 1]));
}

interface Words {
  /** In the order in which they were first heard of. */
  readonly uids: readonly string[];
  /** Of objects, sorted. */
  readonly versions: readonly number[];
}

function wordsOf(transcript: readonly Heard[]): Words {
  const uids = new Set<string>();
  const versions = new Set<number>();
  const collect = (value: Json | undefined): void => {
    if (isList(value)) value.forEach(collect);
    if (!isObject(value)) return;
    const uid = textAt(value, "metadata", "uid");
    const version = textAt(value, "metadata", "resourceVersion");
    if (uid !== undefined) uids.add(uid);
    if (uid !== undefined && version !== undefined && version !== "") versions.add(Number(version));
    for (const name of Object.keys(value).sort()) collect(value[name]);
  };
  for (const heard of transcript) {
    if (heard.kind === "answer") collect(heard.body);
    if (heard.kind === "events") collect(heard.events);
  }
  return { uids: [...uids], versions: [...versions].sort((one, other) => one - other) };
}

function worded(value: Json, words: Words): Json {
  if (isList(value)) return value.map((item) => worded(item, words));
  if (typeof value === "string") return wordedText(value, words);
  if (!isObject(value)) return value;
  const kept: JsonObject = Object.fromEntries(
    Object.keys(value)
      .sort()
      .flatMap((name) => {
        const field = value[name];
        return field === undefined ? [] : [[name, worded(field, words)]];
      }),
  );
  // Of a bookmark's object only the version counts.
  if (kept["type"] === "BOOKMARK" && isObject(kept["object"]))
    return { ...kept, object: without(kept["object"], "spec", "status") };
  const metadata = at(value, "metadata");
  return isObject(metadata) ? { ...kept, metadata: wordedMetadata(metadata, words) } : kept;
}

function wordedMetadata(metadata: JsonObject, words: Words): Json {
  const kept = worded(metadata, words) as JsonObject;
  const version = textAt(metadata, "resourceVersion");
  const token = textAt(metadata, "continue");
  const prefix = textAt(metadata, "generateName");
  return {
    ...kept,
    ...(version !== undefined && { resourceVersion: versionWord(version, words) }),
    ...(token !== undefined && token !== "" && { continue: "<token>" }),
    ...(prefix !== undefined && { name: textAt(metadata, "name")?.replace(/^(.*).{5}$/, "$1<five>") ?? "" }),
  };
}

/** Of an object its place among all versions, of anything else after which of them it comes. */
function versionWord(text: string, { versions }: Words): string {
  const place = versions.findLastIndex((known) => known <= Number(text));
  return text === "" ? "" : place < 0 ? "<before>" : `<version ${place}>`;
}

const timePattern = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g;
const nearMs = 3_600_000;

function wordedText(text: string, words: Words): string {
  return words.uids
    .reduce((current, uid, index) => current.replaceAll(uid, `<uid ${index}>`), text)
    .replaceAll(timePattern, (time, fraction: string | undefined) => {
      if (Math.abs(Date.parse(time) - Date.now()) > nearMs) return time;
      return fraction === undefined ? "<now>" : "<now, with micros>";
    })
    .replaceAll(
      /((?:ResourceVersion in (?:the )?(?:precondition|record) \(|resource version: )"?)(\d+)/g,
      (_all, before: string, version: string) => before + versionWord(version, words),
    )
    .replaceAll(/(, current: |<version \d+> \(|<before> \()\d+/g, "$1<number>");
}
