import { X509Certificate } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { getCACertificates, setDefaultCACertificates } from "node:tls";

/**
 * Has this process trust the certificate authorities that `SSL_CERT_FILE` and `SSL_CERT_DIR` (folders, with colons
 * between) name to a program in Go, wherever a connection is not told its own. One of the two adds to whom we trust
 * anyway, since Go still finds the system's in the other's place; both together are all there is. Resolves with a
 * sentence for each that names no certificate; never rejects.
 */
export async function trustAuthorities({
  SSL_CERT_FILE: file = "",
  SSL_CERT_DIR: folders = "",
}: Readonly<Record<string, string | undefined>>): Promise<readonly string[]> {
  const sources = [
    ...(file === "" ? [] : [await inFile("SSL_CERT_FILE", file)]),
    ...(await Promise.all(folders.split(":").filter(Boolean).map(inFolder))),
  ];
  const others = file !== "" && folders !== "" ? [] : getCACertificates("default");
  setDefaultCACertificates([...others, ...sources.flatMap(({ certificates }) => certificates)]);
  return sources.flatMap(({ fault }) => (fault === undefined ? [] : [fault]));
}

interface Source {
  /** In PEM. */
  readonly certificates: readonly string[];
  /** Why there is none. */
  readonly fault?: string;
}

async function inFile(variable: string, path: string): Promise<Source> {
  try {
    const certificates = await certificatesIn(path);
    return certificates.length > 0 ? { certificates } : nothing(variable, { path, why: "it holds no certificate" });
  } catch (error) {
    return nothing(variable, { path, why: error instanceof Error ? error.message : String(error) });
  }
}

/** What else lies in such a folder is passed over, as Go does. */
async function inFolder(path: string): Promise<Source> {
  try {
    const paths = (await readdir(path)).toSorted().map((name) => join(path, name));
    const found = await Promise.all(paths.map((one) => certificatesIn(one).catch(() => [])));
    const certificates = found.flat();
    if (certificates.length > 0) return { certificates };
    return nothing("SSL_CERT_DIR", { path, why: "no file in it holds a certificate" });
  } catch (error) {
    return nothing("SSL_CERT_DIR", { path, why: error instanceof Error ? error.message : String(error) });
  }
}

function nothing(variable: string, { path, why }: { readonly path: string; readonly why: string }): Source {
  return { certificates: [], fault: `No certificate authority is known from ${variable}=${path}: ${why}` };
}

/** Without those that are none, of which a single one would spoil all. Rejects where the file cannot be read. */
async function certificatesIn(path: string): Promise<readonly string[]> {
  const about = await stat(path);
  // A pipe or a device may never end.
  if (!about.isFile() || about.size > fileMaxBytes) throw new Error(`not a file of at most ${fileMaxBytes} bytes`);
  const text = await readFile(path, "latin1");
  return Array.from(text.matchAll(certificate), ([pem]) => pem).filter(isCertificate);
}

const fileMaxBytes = 16 * 1024 * 1024;
const certificate = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}
