import type { Property } from "./properties.ts";
import { UrlRefused } from "./url-refused.ts";

interface Named {
  readonly aliases?: readonly string[];
}

/** Any text; empty where nothing else is given. */
export function text({ aliases = [], fallback = "" }: Named & { readonly fallback?: string } = {}): Property<string> {
  return { aliases, fallback, parse: (written) => written };
}

/** `1 true yes y` or `0 false no n`, in any case. */
export function bool(fallback: boolean, { aliases = [] }: Named = {}): Property<boolean> {
  return {
    aliases,
    fallback,
    parse: (written) => {
      if (/^(1|true|yes|y)$/i.test(written)) return true;
      if (/^(0|false|no|n)$/i.test(written)) return false;
      throw new UrlRefused("accepted values are 1, true, yes or 0, false, no");
    },
  };
}

/** An integer in Go's syntax (`10`, `0x1f`, `0o17`, `017`, `0b1`, `1_000`), or `#1f` in hexadecimal. */
export function integer<T = number>(
  fallback: number | T,
  { aliases = [], min = -(2 ** 31), max = 2 ** 31 - 1 }: Named & { readonly min?: number; readonly max?: number } = {},
): Property<number | T> {
  return {
    aliases,
    fallback,
    parse: (written) => {
      const number = parseInteger(written);
      if (number === undefined) throw new UrlRefused("not an integer");
      if (number < min || number > max) throw new UrlRefused(`not between ${min} and ${max}`);
      return number;
    },
  };
}

/** Words separated by commas, or by another character; an empty text is one empty word. */
export function list({ aliases = [], separator = "," }: Named & { readonly separator?: string } = {}): Property<
  readonly string[]
> {
  return { aliases, fallback: [], parse: (written) => written.split(separator) };
}

/** One of these words, in any case; `synonyms` are other ways of writing one. */
export function choice<W extends string>(
  words: readonly W[],
  {
    fallback,
    aliases = [],
    synonyms = {},
  }: Named & { readonly fallback: W; readonly synonyms?: Readonly<Record<string, W>> },
): Property<W> {
  return {
    aliases,
    fallback,
    parse: (written) => {
      const lower = written.toLowerCase();
      const word = words.find((one) => one.toLowerCase() === lower) ?? synonyms[lower];
      if (word === undefined) throw new UrlRefused(`not a one of ${words.join(", ")}`);
      return word;
    },
  };
}

/** `key:value,key:value`. */
export function dictionary({ aliases = [] }: Named = {}): Property<Readonly<Record<string, string>>> {
  return {
    aliases,
    fallback: {},
    parse: (written) =>
      Object.fromEntries(
        written.split(",").map((pair) => {
          const colon = pair.indexOf(":");
          if (colon < 0) throw new UrlRefused("not of the form key:value,key:value");
          return [pair.slice(0, colon), pair.slice(colon + 1)];
        }),
      ),
  };
}

/** Any JSON, or only an object; `undefined` where nothing is given. */
export function json({ object = false }: { readonly object?: boolean } = {}): Property<unknown> {
  return {
    aliases: [],
    fallback: undefined,
    parse: (written) => {
      const value = parseJson(written);
      if (value === undefined) throw new UrlRefused("not JSON");
      if (object && (typeof value !== "object" || value === null || Array.isArray(value)))
        throw new UrlRefused("not a JSON object");
      return value;
    },
  };
}

function parseJson(written: string): unknown {
  try {
    return JSON.parse(written);
  } catch {
    return undefined;
  }
}

function parseInteger(written: string): number | undefined {
  const [, sign = "", digits = ""] = /^([+-]?)(.*)$/s.exec(written) ?? [];
  for (const [pattern, radix] of bases) {
    const found = pattern.exec(digits)?.[1];
    if (found !== undefined) return Number.parseInt(sign + found.replaceAll("_", ""), radix);
  }
  return undefined;
}

const bases: readonly (readonly [RegExp, number])[] = [
  [/^#([0-9a-f]+)$/i, 16],
  [/^0x((?:_?[0-9a-f])+)$/i, 16],
  [/^0b((?:_?[01])+)$/i, 2],
  [/^0o((?:_?[0-7])+)$/i, 8],
  [/^0((?:_?[0-7])+)$/, 8],
  [/^(0|[1-9](?:_?[0-9])*)$/, 10],
];
