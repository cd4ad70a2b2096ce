/**
 * One instant on both clocks of one process. What is persisted is wall time; what is measured is monotonic,
 * because a wall clock may jump. Two machines' clocks are never compared.
 */
export interface Now {
  /** Milliseconds since the Unix epoch, whole. */
  readonly wallMs: number;
  /** Milliseconds since some fixed instant of this process; never goes back. */
  readonly monotonicMs: number;
}
