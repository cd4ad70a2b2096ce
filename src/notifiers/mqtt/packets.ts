/** A packet as it came: its type and flags, and all that is behind its length. */
export interface Packet {
  /** The first byte: the type is its upper half. */
  readonly head: number;
  readonly body: Uint8Array;
}

/** The types of packets that a sender meets (MQTT 5, 2.1.2), as the first byte has them. */
export const packetTypes = {
  connect: 0x10,
  connack: 0x20,
  publish: 0x30,
  puback: 0x40,
  pubrec: 0x50,
  pubrel: 0x62,
  pubcomp: 0x70,
  disconnect: 0xe0,
} as const;

/** Who connects, and how. */
export interface Login {
  readonly clientId: string;
  readonly user: string | undefined;
  readonly password: string | undefined;
  /** Whether what the broker remembers of this client is to be forgotten. */
  readonly clean: boolean;
}

/** MQTT 5's CONNECT, without properties and without a will. */
export function connectPacket({ clientId, user, password, clean }: Login): Uint8Array {
  const flags = (user === undefined ? 0 : 0x80) | (password === undefined ? 0 : 0x40) | (clean ? 0x02 : 0);
  return packet(packetTypes.connect, [
    ...[string("MQTT"), [5, flags], short(keepAliveSeconds), noProperties, string(clientId)],
    ...(user === undefined ? [] : [string(user)]),
    ...(password === undefined ? [] : [string(password)]),
  ]);
}

/** The broker is rid of us after one and a half times this, should our farewell be lost. */
const keepAliveSeconds = 30;

/** One message to a topic. */
export interface Publication {
  readonly topic: string;
  readonly text: string;
  /** 0: nobody answers; 1: the broker says that it has it; 2: it says so in two steps. */
  readonly qos: 0 | 1 | 2;
  readonly retained: boolean;
}

/** The one message of a connection, so that its number is always the same. */
export const packetId = 1;

/** MQTT 5's PUBLISH, with `packetId` where the broker is to answer. */
export function publishPacket({ topic, text, qos, retained }: Publication): Uint8Array {
  const id = qos === 0 ? [] : [short(packetId)];
  const head = packetTypes.publish | (qos << 1) | (retained ? 1 : 0);
  return packet(head, [string(topic), ...id, noProperties, new TextEncoder().encode(text)]);
}

/** The sender's second step of quality 2. */
export function releasePacket(): Uint8Array {
  return packet(packetTypes.pubrel, [short(packetId)]);
}

/** A farewell that leaves nothing open. */
export function disconnectPacket(): Uint8Array {
  return packet(packetTypes.disconnect, []);
}

/**
 * The first packet of what has come so far, and how many bytes it takes; `undefined` while it is not whole. Throws a
 * RangeError where its length is none.
 */
export function firstPacket(bytes: Uint8Array): { readonly packet: Packet; readonly size: number } | undefined {
  let length = 0;
  for (let at = 0; at < 4; at += 1) {
    const byte = bytes[1 + at];
    if (byte === undefined) return undefined;
    length += (byte & 0x7f) * 128 ** at;
    if (byte >= 0x80) continue;
    const start = 2 + at;
    if (bytes.length < start + length) return undefined;
    return { packet: { head: bytes[0] ?? 0, body: bytes.subarray(start, start + length) }, size: start + length };
  }
  throw new RangeError("the length of a packet has more than four bytes");
}

type Part = Uint8Array | readonly number[];

const noProperties: Part = [0];

function packet(head: number, parts: readonly Part[]): Uint8Array {
  const body = parts.flatMap((part) => Array.from(part));
  return Uint8Array.from([head, ...variableLength(body.length), ...body]);
}

function variableLength(length: number): readonly number[] {
  return length < 128 ? [length] : [(length % 128) | 0x80, ...variableLength(Math.floor(length / 128))];
}

function string(text: string): Part {
  const bytes = new TextEncoder().encode(text);
  return [...short(bytes.length), ...bytes];
}

function short(value: number): readonly number[] {
  return [(value >> 8) & 0xff, value & 0xff];
}
