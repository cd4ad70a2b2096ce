import type { WebAnswer, WebRequest } from "../../ports/web.ts";
import { exchange, goJson, jsonObject, refusedBy, saying } from "../exchange.ts";
import { toEveryTarget } from "../every-target.ts";
import { NotifyError, type Notifier } from "../notifier.ts";
import type { ServiceParts } from "../service.ts";
import { readProperties } from "../url/properties.ts";
import { bool, list, text } from "../url/property-types.ts";
import { hostOf, type ServiceUrl } from "../url/service-url.ts";
import { UrlRefused } from "../url/url-refused.ts";

const properties = { rooms: list({ aliases: ["room"] }), disabletls: bool(false), title: text() };

/** `matrix://[user]:password@host[:port]/?rooms=!id,#alias`; without a user the password is an access token. */
export function matrixNotifier(url: ServiceUrl, { web, random }: ServiceParts): Notifier {
  const { rooms, disabletls, title } = readProperties(url, properties);
  const { user = "", password = "" } = url;
  if (url.hostname === "") throw new UrlRefused("host missing from config URL");
  if (password === "") throw new UrlRefused("password or access token missing from config URL");
  const names = rooms.map((room) => (/^[#!]/.test(room) ? room : `#${room}`));
  const origin = `${disabletls ? "http" : "https"}://${hostOf(url)}`;
  return {
    name: `matrix ${url.hostname}`,
    send: async (message, sending) => {
      const anonymous = homeserver({ web, origin, ...sending, token: undefined });
      const token = user === "" ? password : await logIn(anonymous, { user, password });
      const server = homeserver({ web, origin, ...sending, token });
      const body = title === "" ? message : `${title}\n${message}`;
      await toEveryTarget(
        names.length > 0 ? names : await joinedRooms(server),
        async (room) => {
          const id = room.startsWith("#") ? await joined(server, room) : room;
          const transaction = `kured-${random.hex(8)}`;
          const path = `/rooms/${encodeURIComponent(id)}/send/m.room.message/${transaction}`;
          await server("PUT", path, { msgtype: "m.text", body });
        },
        sending,
      );
    },
  };
}

/** One call of the client-server API. Rejects with a `NotifyError` unless the server did it. */
type Homeserver = (method: WebRequest["method"], path: string, body?: unknown) => Promise<Reply>;
type Reply = Readonly<Record<string, unknown>>;

function homeserver(parts: {
  readonly web: ServiceParts["web"];
  readonly origin: string;
  readonly signal: AbortSignal;
  readonly token: string | undefined;
}): Homeserver {
  const { web, origin, signal, token } = parts;
  return async (method, path, body) => {
    const headers = {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { "content-type": "application/json" }),
    };
    const request = { method, url: `${origin}/_matrix/client/v3${path}`, headers };
    const answer = await exchange(body === undefined ? request : { ...request, body: goJson(body) }, { web, signal });
    const reply = jsonObject(answer);
    if (answer.status < 400 && reply !== undefined) return reply;
    throw refusal(answer, reply);
  };
}

function refusal(answer: WebAnswer, reply: Reply | undefined): NotifyError {
  const why = reply ? `${saying(reply["error"])} (${saying(reply["errcode"])})` : `status ${answer.status}`;
  const error = refusedBy(answer, `failed to send matrix notification: ${why}`);
  const retryAfterMs = reply?.["retry_after_ms"];
  if (typeof retryAfterMs !== "number" || error.final) return error;
  return new NotifyError(error.message, { retryAfterMs });
}

async function logIn(server: Homeserver, { user, password }: { user: string; password: string }): Promise<string> {
  const { flows } = await server("GET", "/login");
  const offered = Array.isArray(flows) ? flows.map((flow: unknown) => field(flow, "type")) : [];
  if (!offered.includes("m.login.password")) {
    throw new NotifyError("failed to send matrix notification: the server offers no login by password", {
      final: true,
    });
  }
  const identifier = { type: "m.id.user", user };
  const { access_token: token } = await server("POST", "/login", { type: "m.login.password", identifier, password });
  if (typeof token === "string") return token;
  throw new NotifyError("failed to send matrix notification: the server gave no access token");
}

async function joined(server: Homeserver, alias: string): Promise<string> {
  const { room_id: id } = await server("POST", `/join/${encodeURIComponent(alias)}`, null);
  if (typeof id === "string") return id;
  throw new NotifyError("failed to send matrix notification: the server did not name the room");
}

async function joinedRooms(server: Homeserver): Promise<readonly string[]> {
  const { joined_rooms: rooms } = await server("GET", "/joined_rooms");
  return Array.isArray(rooms) ? rooms.filter((room: unknown) => typeof room === "string") : [];
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null
    ? Object.entries(value).find(([key]) => key === name)?.[1]
    : undefined;
}
