/** Whether Kubernetes takes this as the key of a label or of a taint: a name, perhaps behind a DNS name and a slash. */
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
