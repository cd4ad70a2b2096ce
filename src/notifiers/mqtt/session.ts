import type { ByteStream } from "../../ports/stream.ts";
import { NotifyError } from "../notifier.ts";
import {
  connectPacket,
  disconnectPacket,
  firstPacket,
  packetTypes,
  publishPacket,
  releasePacket,
  type Login,
  type Packet,
  type Publication,
} from "./packets.ts";

/**
 * One whole session on an open connection: connects, publishes, waits for as many answers as the quality has, and says
 * goodbye. Rejects with a `NotifyError` where the broker does not want it, and as the stream does.
 */
export async function publishOnce(stream: ByteStream, login: Login, publication: Publication): Promise<void> {
  const next = packetsOf(stream);
  await stream.write(connectPacket(login));
  accepted(await next(), packetTypes.connack);
  await stream.write(publishPacket(publication));
  if (publication.qos === 0) return await stream.write(disconnectPacket());
  if (publication.qos === 1) accepted(await next(), packetTypes.puback);
  if (publication.qos === 2) {
    accepted(await next(), packetTypes.pubrec);
    await stream.write(releasePacket());
    accepted(await next(), packetTypes.pubcomp);
  }
  // It is delivered; a farewell that is lost must not cause a second try.
  await stream.write(disconnectPacket()).catch(() => undefined);
}

/** The packets that come, one at each call. */
function packetsOf(stream: ByteStream): () => Promise<Packet> {
  let rest = new Uint8Array();
  return async () => {
    for (;;) {
      const found = foundIn(rest);
      if (found !== undefined) {
        rest = rest.slice(found.size);
        return found.packet;
      }
      const chunk = await stream.read();
      if (chunk === undefined) throw new NotifyError("failed to send mqtt notification: the broker hung up");
      rest = Uint8Array.from([...rest, ...chunk]);
    }
  };
}

function foundIn(bytes: Uint8Array): ReturnType<typeof firstPacket> {
  const noBroker = new NotifyError("failed to send mqtt notification: what answers is no MQTT broker", { final: true });
  // A web server's words would be a packet of megabytes.
  if (bytes.length > packetBytesMax) throw noBroker;
  try {
    return firstPacket(bytes);
  } catch {
    throw noBroker;
  }
}

const packetBytesMax = 64 * 1024;

/** Throws unless it is the answer that was waited for, and it says yes. */
function accepted({ head, body }: Packet, type: number): void {
  const reason = head === type ? reasonIn(type, body) : head === packetTypes.disconnect ? (body[0] ?? 0) : undefined;
  if (reason === undefined) {
    throw new NotifyError("failed to send mqtt notification: the broker answered something else", { final: true });
  }
  if (head === type && (reason === 0 || reason === nobodyListens)) return;
  throw new NotifyError(`failed to send mqtt notification: ${reasons[reason] ?? "refused"} (${reason})`, {
    final: !passing.has(reason),
  });
}

/** A connection's answer begins with flags, all others with the number of what they answer; success may be left out. */
function reasonIn(type: number, body: Uint8Array): number {
  return (type === packetTypes.connack ? body[1] : body[2]) ?? 0;
}

/** Success too: nobody has subscribed to the topic just now. */
const nobodyListens = 0x10;

/** MQTT 5, 2.4; the first is how brokers of version 3 say it. */
const reasons: Readonly<Record<number, string>> = {
  0x01: "the broker does not speak MQTT 5",
  0x84: "the broker does not speak MQTT 5",
  0x85: "the client identifier is not valid",
  0x86: "bad user name or password",
  0x87: "not authorised",
  0x88: "the broker is not available",
  0x89: "the broker is busy",
  0x8a: "banned",
  0x8b: "the broker shuts down",
  0x8e: "somebody else took the client identifier",
  0x90: "the topic's name is not valid",
  0x95: "the message is too large",
  0x97: "a quota is exceeded",
  0x9a: "the broker does not retain messages",
  0x9b: "the broker does not support this quality of service",
  0x9f: "too many connections",
};

/** Those that time may heal; 0x00 is a goodbye without a reason. */
const passing: ReadonlySet<number> = new Set([0x00, 0x80, 0x83, 0x88, 0x89, 0x8b, 0x8d, 0x8e, 0x97, 0x98, 0x9c, 0x9f]);
