import { readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { join, relative } from "node:path";
import { build, type Plugin } from "esbuild";
import { root } from "./source.ts";

/** The product as ES modules: one to start, and parts that it loads when they are needed. */
export interface Bundle {
  /** The text of each file by its path from the one that starts: `kured.mjs`, `lib/agent-OIYVBRBQ.mjs`. */
  readonly files: ReadonlyMap<string, string>;
  /** Every file that went in, from the root: `src/main.ts`, `node_modules/yaml/…`. */
  readonly inputs: readonly string[];
}

/**
 * Bundles `src/main.ts` with everything that it reaches, readable, for the pinned Node. Writes nothing. A part's name
 * changes with its content, so that of two builds in one folder each finds its own.
 */
export async function bundle(): Promise<Bundle> {
  const result = await build({
    absWorkingDir: root,
    entryPoints: { kured: "src/main.ts" },
    bundle: true,
    splitting: true,
    outdir: root,
    chunkNames: "lib/[name]-[hash]",
    outExtension: { ".js": ".mjs" },
    write: false,
    metafile: true,
    platform: "node",
    format: "esm",
    target: "node26",
    define: defines(),
    // What this package has for Node is CommonJS that asks for "process", which a bundled ES module cannot.
    alias: { yaml: join(root, "node_modules/yaml/browser/index.js") },
    // Names in stack traces help whoever reads a log; a smaller file would not make a smaller process.
    minify: false,
    legalComments: "none",
    logLevel: "error",
    plugins: [lazyBuiltins],
  });
  const inputs = Object.keys(result.metafile.inputs).filter((path) => !path.startsWith(`${lazyBuiltins.name}:`));
  return { files: new Map(result.outputFiles.map(({ path, text }) => [relative(root, path), text])), inputs };
}

/**
 * An `import` of a module of Node's loads it at once and reads all that it exports, for some of which Node then loads
 * more: a whole second HTTP client for `WebSocket` alone. Here each name is looked up when it is used, so that what an
 * agent never does, such as decompression, is never loaded.
 */
const lazyBuiltins: Plugin = {
  name: "builtin",
  setup: (plugin) => {
    plugin.onResolve({ filter: /^[a-z_:/0-9]+$/ }, ({ path }) => {
      if (!isBuiltin(path)) return undefined;
      return { path: path.startsWith("node:") ? path : `node:${path}`, namespace: "builtin" };
    });
    plugin.onLoad({ filter: /.*/, namespace: "builtin" }, ({ path }) => ({ contents: lookUp(path), loader: "js" }));
  },
};

function lookUp(path: string): string {
  const wanted = `process.getBuiltinModule(${JSON.stringify(path)})`;
  const known: unknown = process.getBuiltinModule(path);
  // One that is a class itself, such as node:events, is used as one while modules are loaded.
  if (typeof known !== "object" || known === null) return `module.exports = ${wanted};`;
  return `for (const name of ${JSON.stringify(Object.keys(known))}) {
  Object.defineProperty(exports, name, { enumerable: true, get: () => ${wanted}[name] });
}`;
}

/** What both bundlers put in place of names in the source. */
export function defines(): Readonly<Record<string, string>> {
  return { KURED_VERSION: JSON.stringify(packageVersion()) };
}

/** Of kured. */
export function packageVersion(): string {
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { readonly version: string };
  return manifest.version;
}
