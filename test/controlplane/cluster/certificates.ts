import { createPublicKey, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { isIP } from "node:net";

/** A key pair with its certificate, in PEM. Elliptic curve P-256. */
export interface Certified {
  readonly certificate: string;
  readonly key: string;
}

export interface CertificateOptions {
  readonly commonName: string;
  /** Kubernetes reads these as the user's groups. */
  readonly organizations?: readonly string[];
  /** DNS names and IPv4 addresses that the holder may serve as. */
  readonly servesAs?: readonly string[];
}

/** A certificate authority that signed itself. Node can sign bytes but not make certificates, so this file can. */
export function createAuthority(commonName: string): Certified {
  const key = newKey();
  const name = distinguishedName({ commonName });
  const extensions = [
    extension(OID.basicConstraints, sequence(BOOLEAN_TRUE)),
    extension(OID.keyUsage, Buffer.from([0x03, 0x02, 0x01, 0x06])), // keyCertSign and cRLSign
  ];
  return { certificate: certificate({ issuer: name, subject: name, extensions, key, signer: key }), key };
}

/** A certificate for both ends of TLS, signed by `authority`. Valid from an hour ago for ten years. */
export function createCertificate(
  options: CertificateOptions,
  authority: Certified & { commonName: string },
): Certified {
  const key = newKey();
  const extensions = [
    extension(OID.keyUsage, Buffer.from([0x03, 0x02, 0x07, 0x80])), // digitalSignature
    extension(OID.extendedKeyUsage, sequence(OID.serverAuth, OID.clientAuth)),
  ];
  if (options.servesAs !== undefined) {
    extensions.push(extension(OID.subjectAltName, sequence(...options.servesAs.map(generalName))));
  }
  const issuer = distinguishedName({ commonName: authority.commonName });
  const subject = distinguishedName(options);
  return { certificate: certificate({ issuer, subject, extensions, key, signer: authority.key }), key };
}

interface CertificateParts {
  readonly issuer: Buffer;
  readonly subject: Buffer;
  readonly extensions: readonly Buffer[];
  /** Private keys in PEM: the subject's and the issuer's. */
  readonly key: string;
  readonly signer: string;
}

/** RFC 5280, section 4.1. */
function certificate({ issuer, subject, extensions, key, signer }: CertificateParts): string {
  const algorithm = sequence(OID.ecdsaWithSha256);
  const now = Date.now();
  const signed = sequence(
    der(0xa0, integer(Buffer.from([2]))), // version 3
    integer(Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    algorithm,
    issuer,
    sequence(time(now - 3_600_000), time(now + 10 * 365 * 86_400_000)),
    subject,
    createPublicKey(key).export({ type: "spki", format: "der" }),
    der(0xa3, sequence(...extensions)),
  );
  const whole = sequence(signed, algorithm, bits(sign("sha256", signed, signer)));
  const lines = whole.toString("base64").replace(/.{1,64}/g, "$&\n");
  return `-----BEGIN CERTIFICATE-----\n${lines}-----END CERTIFICATE-----\n`;
}

function newKey(): string {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  // The form that Go's X509KeyPair and everything else reads.
  return privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}

function distinguishedName({ commonName, organizations = [] }: CertificateOptions): Buffer {
  const part = (id: Buffer, text: string): Buffer => der(0x31, sequence(id, der(0x0c, Buffer.from(text))));
  return sequence(...organizations.map((text) => part(OID.organization, text)), part(OID.commonName, commonName));
}

function generalName(name: string): Buffer {
  return isIP(name) === 4 ? der(0x87, Buffer.from(name.split(".").map(Number))) : der(0x82, Buffer.from(name));
}

function extension(id: Buffer, value: Buffer): Buffer {
  return sequence(id, BOOLEAN_TRUE, der(0x04, value)); // Critical, all of them.
}

function time(ms: number): Buffer {
  const digits = new Date(ms).toISOString().replace(/[-:T]|\.\d+/g, "");
  return der(0x17, Buffer.from(digits.slice(2))); // UTCTime: two digits of the year, enough until 2049.
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(0x30, Buffer.concat(parts));
}

function integer(value: Buffer): Buffer {
  return der(0x02, value);
}

function bits(value: Buffer): Buffer {
  return der(0x03, Buffer.concat([Buffer.from([0]), value]));
}

function der(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

const BOOLEAN_TRUE = Buffer.from([0x01, 0x01, 0xff]);

const OID = {
  ecdsaWithSha256: Buffer.from("06082a8648ce3d040302", "hex"),
  commonName: Buffer.from("0603550403", "hex"),
  organization: Buffer.from("060355040a", "hex"),
  basicConstraints: Buffer.from("0603551d13", "hex"),
  keyUsage: Buffer.from("0603551d0f", "hex"),
  extendedKeyUsage: Buffer.from("0603551d25", "hex"),
  subjectAltName: Buffer.from("0603551d11", "hex"),
  serverAuth: Buffer.from("06082b06010505070301", "hex"),
  clientAuth: Buffer.from("06082b06010505070302", "hex"),
} as const;
