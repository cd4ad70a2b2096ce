import { unescapePart } from "./escapes.ts";
import { parseQuery, type QueryPair } from "./query.ts";
import { UrlRefused } from "./url-refused.ts";

/** A notification URL as Go's `net/url` understands it; a browser's parser is more lenient and changes more. */
export interface ServiceUrl {
  /** Whole, as it was written. */
  readonly text: string;
  /** Lower-case, whole: `slack`, `generic+https`. */
  readonly scheme: string;
  /** Decoded; absent where there is no userinfo at all. */
  readonly user: string | undefined;
  /** Decoded; absent where the userinfo has no colon. */
  readonly password: string | undefined;
  /** In the case in which it was written: a channel's id is upper-case. */
  readonly hostname: string;
  /** Digits; empty where there is none. */
  readonly port: string;
  /** Decoded, with its leading slash; empty where there is none. */
  readonly path: string;
  /** The path as it was written, for a request's URL. */
  readonly rawPath: string;
  /** Decoded, in order, with repeated keys. */
  readonly query: readonly QueryPair[];
  /** The query as it was written, for a service that reads it by a rule of its own. */
  readonly rawQuery: string;
  readonly fragment: string;
}

/** Parses what `--notify-url` holds. Throws `UrlRefused`. */
export function parseServiceUrl(text: string): ServiceUrl {
  // oxlint-disable-next-line no-control-regex -- They are what is looked for.
  if (/[\u0000-\u001f\u007f]/.test(text)) throw new UrlRefused("invalid control character in URL");
  const [withQuery, rawFragment] = cut(text, "#");
  const scheme = /^[a-z][a-z0-9+.-]*(?=:)/i.exec(withQuery)?.[0];
  if (scheme === undefined) throw new UrlRefused("missing protocol scheme");
  const [rest, rawQuery] = cut(withQuery.slice(scheme.length + 1), "?");
  const { authority, rawPath } = splitRest(rest);
  return {
    text,
    scheme: scheme.toLowerCase(),
    ...parseAuthority(authority),
    path: unescapePart(rawPath, "path"),
    rawPath,
    query: parseQuery(rawQuery),
    rawQuery,
    fragment: unescapePart(rawFragment, "fragment"),
  };
}

/** Host and port as they stand in a URL. */
export function hostOf({ hostname, port }: ServiceUrl): string {
  return port === "" ? hostname : `${hostname}:${port}`;
}

/** The decoded parts of the path: none for `` and `/`, and an empty last one for a slash at the end. */
export function pathParts({ path }: ServiceUrl): readonly string[] {
  return path.length <= 1 ? [] : path.replace(/^\//, "").split("/");
}

function splitRest(rest: string): { authority: string; rawPath: string } {
  if (rest.startsWith("//")) {
    const slash = rest.indexOf("/", 2);
    return slash < 0
      ? { authority: rest.slice(2), rawPath: "" }
      : { authority: rest.slice(2, slash), rawPath: rest.slice(slash) };
  }
  // What Go calls opaque has neither host nor path, so that every service misses something in it.
  return { authority: "", rawPath: rest.startsWith("/") ? rest : "" };
}

function parseAuthority(authority: string): Pick<ServiceUrl, "user" | "password" | "hostname" | "port"> {
  const at = authority.lastIndexOf("@");
  const host = parseHost(authority.slice(at + 1));
  if (at < 0) return { user: undefined, password: undefined, ...host };
  const userinfo = authority.slice(0, at);
  if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(userinfo)) throw new UrlRefused("invalid userinfo");
  const colon = userinfo.indexOf(":");
  const user = unescapePart(colon < 0 ? userinfo : userinfo.slice(0, colon), "user");
  return { user, password: colon < 0 ? undefined : unescapePart(userinfo.slice(colon + 1), "user"), ...host };
}

function parseHost(host: string): Pick<ServiceUrl, "hostname" | "port"> {
  const bracket = host.startsWith("[") ? host.lastIndexOf("]") : -1;
  if (host.startsWith("[") && bracket < 0) throw new UrlRefused("missing ']' in host");
  const colon = host.startsWith("[") ? bracket + 1 : host.lastIndexOf(":");
  const hasPort = colon >= 0 && colon < host.length;
  const portText = hasPort ? host.slice(colon) : "";
  if (!/^(:[0-9]*)?$/.test(portText)) throw new UrlRefused("invalid port after host");
  return { hostname: unescapePart(hasPort ? host.slice(0, colon) : host, "host"), port: portText.slice(1) };
}

function cut(text: string, separator: string): readonly [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}
