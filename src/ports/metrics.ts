/** Label names to values, as they will stand in the exposition. */
export type MetricLabels = Readonly<Record<string, string>>;

/** Where figures are put for `/metrics`. Families are declared once, by `telemetry/`, with their help text. */
export interface Metrics {
  /** Sets one series of a gauge. */
  set(name: string, options: { readonly labels: MetricLabels; readonly value: number }): void;
  /** Adds to one series of a counter. */
  add(name: string, options: { readonly labels: MetricLabels; readonly value?: number }): void;
  /** Removes every series of a family whose labels include these, so that a gone node leaves no ghost. */
  remove(name: string, options: { readonly labels: MetricLabels }): void;
}
