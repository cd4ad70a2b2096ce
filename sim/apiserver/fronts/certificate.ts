import { generateKeyPairSync, sign } from "node:crypto";
import type { KeyObject } from "node:crypto";

/** A key and the certificate that it signed for itself, as PEM texts; the certificate is its own authority. */
export interface SelfSigned {
  readonly key: string;
  readonly cert: string;
}

/** When the certificate is to be valid. */
export interface SelfSignedOptions {
  /** Valid from a day before until a year after this. */
  readonly nowMs: number;
}

/** Makes a certificate for `localhost` and 127.0.0.1 (RFC 5280), so that no tool has to be installed for it. */
export function selfSigned({ nowMs }: SelfSignedOptions): SelfSigned {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const content = certificateContent(publicKey, nowMs);
  const signature = sign("sha256", content, privateKey);
  const certificate = sequence(content, ecdsaWithSha256, tagged(0x03, Buffer.from([0]), signature));
  return {
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    cert: pem(certificate),
  };
}

const dayMs = 86_400_000;

function certificateContent(publicKey: KeyObject, nowMs: number): Buffer {
  const name = sequence(tagged(0x31, sequence(oid("550403"), tagged(0x0c, Buffer.from("kured simulation")))));
  return sequence(
    tagged(0xa0, integer(2)),
    integer(nowMs),
    ecdsaWithSha256,
    name,
    sequence(time(nowMs - dayMs), time(nowMs + 365 * dayMs)),
    name,
    publicKey.export({ type: "spki", format: "der" }),
    tagged(0xa3, sequence(basicConstraints(), alternativeNames())),
  );
}

/** It may sign certificates, because clients are given it as their authority. */
function basicConstraints(): Buffer {
  return sequence(
    oid("551d13"),
    tagged(0x01, Buffer.from([0xff])),
    tagged(0x04, sequence(tagged(0x01, Buffer.from([0xff])))),
  );
}

function alternativeNames(): Buffer {
  const names = sequence(tagged(0x82, Buffer.from("localhost")), tagged(0x87, Buffer.from([127, 0, 0, 1])));
  return sequence(oid("551d11"), tagged(0x04, names));
}

const ecdsaWithSha256 = sequence(oid("2a8648ce3d040302"));

function sequence(...parts: readonly Buffer[]): Buffer {
  return tagged(0x30, ...parts);
}

function oid(hex: string): Buffer {
  return tagged(0x06, Buffer.from(hex, "hex"));
}

function integer(value: number): Buffer {
  const hex = value.toString(16);
  // One leading zero byte keeps the number positive.
  return tagged(0x02, Buffer.from(`${hex.length % 2 === 0 ? "00" : "0"}${hex}`, "hex").subarray(value < 128 ? -1 : 0));
}

function time(ms: number): Buffer {
  return tagged(0x18, Buffer.from(new Date(ms).toISOString().replaceAll(/[-:T]|\.\d+/g, "")));
}

/** One value in DER: its tag, its length, its content. */
function tagged(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

function pem(der: Buffer): string {
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n");
}
