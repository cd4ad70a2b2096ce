/**
 * What Go's `fmt.Sprintf(template, node)` makes of a message template, so that templates of ten years look as they
 * always did: `%s`, `%v` and `%q` with flags, width and precision, `%[1]s`, and Go's remarks on whatever does not fit.
 */
export function formatTemplate(template: string, node: string): string {
  let next = 0;
  let reordered = false;
  const text = template.replaceAll(directive, (_all, ...found: readonly unknown[]) => {
    const [flags = "", index, width, precision, verb = ""] = found.map((one) =>
      typeof one === "string" ? one : undefined,
    );
    if (verb === "") return "%!(NOVERB)";
    if (verb === "%") return "%";
    if (index !== undefined) {
      reordered = true;
      next = Number(index) - 1;
      if (!(next === 0)) return `%!${verb}(BADINDEX)`;
    }
    if (next > 0) return `%!${verb}(MISSING)`;
    next += 1;
    return formatOne(node, { flags, width: Number(width ?? 0), precision: precision?.slice(1), verb });
  });
  return reordered || next > 0 ? text : `${text}%!(EXTRA string=${node})`;
}

const directive = /%([-+# 0]*)(?:\[([^\]]*)\])?(\d+)?(\.\d*)?(?:\[[^\]]*\])?([^]?)/gu;

interface Directive {
  readonly flags: string;
  readonly width: number;
  /** Digits; empty is zero. */
  readonly precision: string | undefined;
  readonly verb: string;
}

function formatOne(node: string, { flags, width, precision, verb }: Directive): string {
  const cut = precision === undefined ? node : Array.from(node).slice(0, Number(precision)).join("");
  switch (verb) {
    case "s":
    case "v":
      return pad(flags.includes("#") && verb === "v" ? JSON.stringify(cut) : cut, { flags, width });
    case "q":
      return pad(flags.includes("#") ? `\`${cut}\`` : JSON.stringify(cut), { flags, width });
    case "x":
    case "X": {
      const hex = Array.from(new TextEncoder().encode(cut), (byte) => byte.toString(16).padStart(2, "0")).join("");
      return pad(verb === "X" ? hex.toUpperCase() : hex, { flags, width });
    }
    case "T":
      return pad("string", { flags, width });
    default:
      return `%!${verb}(string=${pad(node, { flags, width })})`;
  }
}

function pad(text: string, { flags, width }: { readonly flags: string; readonly width: number }): string {
  const missing = Math.max(0, Math.min(width, widthMax) - Array.from(text).length);
  if (flags.includes("-")) return text + " ".repeat(missing);
  return (flags.includes("0") ? "0" : " ").repeat(missing) + text;
}

const widthMax = 1_000;
