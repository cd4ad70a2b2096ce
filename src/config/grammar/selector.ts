/**
 * The first thing wrong with a label selector, as a sentence for people, or `undefined`. The grammar is Kubernetes'
 * own (`labels.Parse`): requirements separated by commas, each a key, `!key`, `key=value`, `key!=value`,
 * `key in (a,b)`, `key notin (a,b)`, `key>1` or `key<1`. An empty selector is right and matches everything.
 */
export function selectorFault(selector: string): string | undefined {
  if (selector.trim() === "") return undefined;
  for (const requirement of selector.split(/,(?![^(]*\))/)) {
    const fault = requirementFault(requirement.trim());
    if (fault !== undefined) return fault;
  }
  return undefined;
}

const forms: readonly RegExp[] = [
  /^!?\s*(?<key>[^\s!=<>(),]+)$/,
  /^(?<key>[^\s!=<>(),]+)\s*(?:==?|!=)\s*(?<values>[^\s!=<>(),]*)$/,
  /^(?<key>[^\s!=<>(),]+)\s+(?:in|notin)\s*\((?<values>[^()]*)\)$/,
  /^(?<key>[^\s!=<>(),]+)\s*[<>]\s*(?<number>-?[0-9]+)$/,
];

function requirementFault(requirement: string): string | undefined {
  const groups = forms.map((form) => form.exec(requirement)?.groups).find((found) => found !== undefined);
  if (groups === undefined) return `"${requirement}" is not a requirement on a label`;
  const { key = "", values = "" } = groups;
  if (!isLabelKey(key)) return `"${key}" is not the key of a label`;
  const wrong = values.split(",").find((value) => !isLabelValue(value.trim()));
  return wrong === undefined ? undefined : `"${wrong.trim()}" is not the value of a label`;
}

/** Whether Kubernetes takes this as the key of a label: a name, perhaps behind a DNS name and a slash. */
export function isLabelKey(key: string): boolean {
  const slash = key.indexOf("/");
  const prefix = key.slice(0, Math.max(slash, 0));
  const prefixed = slash < 0 || (prefix.length <= 253 && dnsName.test(prefix));
  const name = key.slice(slash + 1);
  return prefixed && name !== "" && isLabelValue(name);
}

/** Whether Kubernetes takes this as the value of a label; empty is one. */
export function isLabelValue(value: string): boolean {
  return value.length <= 63 && labelText.test(value);
}

const labelText = /^(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?)?$/;
const dnsName = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;
