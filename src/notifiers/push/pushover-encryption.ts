import { UrlRefused } from "../url/url-refused.ts";

/** Turns one field's text into what only the devices can read. */
export type Sealer = (text: string) => Promise<string>;

/**
 * Pushover's end-to-end encryption with the key that the user gave to the devices, 64 hexadecimal digits: gzip, then
 * AES-256 in CBC mode with PKCS 7 padding, then HMAC-SHA-256 over vector and text; all three in base64. `undefined`
 * without a key. `random` gives so many random bytes in hexadecimal. Throws `UrlRefused`.
 */
export function pushoverSealer(keyHex: string, random: (bytes: number) => string): Sealer | undefined {
  if (keyHex === "") return undefined;
  if (!/^[0-9a-f]{64}$/i.test(keyHex))
    throw new UrlRefused("invalid value for encryptionkey: not 64 hexadecimal digits");
  const raw = Uint8Array.fromHex(keyHex);
  return async (text) => {
    // oxlint-disable-next-line no-restricted-globals -- It is given its chance from outside.
    const { subtle } = crypto;
    const iv = Uint8Array.fromHex(random(16));
    const aes = await subtle.importKey("raw", raw, "AES-CBC", false, ["encrypt"]);
    const hmac = await subtle.importKey("raw", raw, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
    const hidden = await subtle.encrypt({ name: "AES-CBC", iv }, aes, await gzipped(text));
    const sealed = Buffer.concat([iv, Buffer.from(hidden)]);
    return Buffer.concat([sealed, Buffer.from(await subtle.sign("HMAC", hmac, sealed))]).toString("base64");
  };
}

async function gzipped(text: string): Promise<ArrayBuffer> {
  const packed = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  return await new Response(packed).arrayBuffer();
}
