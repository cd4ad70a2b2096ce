import { readFileSync } from "node:fs";
import { join } from "node:path";
import { build, type Plugin } from "esbuild";
import { root } from "./source.ts";

/** The product as one ES module. */
export interface Bundle {
  readonly code: string;
  /** Every file that went in, from the root: `src/main.ts`, `node_modules/yaml/…`. */
  readonly inputs: readonly string[];
}

/** Bundles `src/main.ts` with everything that it reaches, readable, for the pinned Node. Writes nothing. */
export async function bundle(): Promise<Bundle> {
  const result = await build({
    absWorkingDir: root,
    entryPoints: ["src/main.ts"],
    bundle: true,
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
  return { code: result.outputFiles[0]?.text ?? "", inputs };
}

/**
 * An `import` of node:http or node:https reads all that it exports, `WebSocket` among it, for which Node then loads a
 * whole second HTTP client: three megabytes in every process. Asked for by name, the same module is given unread.
 */
const lazyBuiltins: Plugin = {
  name: "builtin",
  setup: (plugin) => {
    plugin.onResolve({ filter: /^node:https?$/ }, ({ path }) => ({ path, namespace: "builtin" }));
    plugin.onLoad({ filter: /.*/, namespace: "builtin" }, ({ path }) => {
      return { contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)});`, loader: "js" };
    });
  },
};

/** What both bundlers put in place of names in the source. */
export function defines(): Readonly<Record<string, string>> {
  return { KURED_VERSION: JSON.stringify(packageVersion()) };
}

/** Of kured. */
export function packageVersion(): string {
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { readonly version: string };
  return manifest.version;
}
