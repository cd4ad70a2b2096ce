/** The only source of chance: jitter, nonces, names. Seeded in the simulator. */
export interface Random {
  /** At least 0, below 1. */
  next(): number;
  /** `bytes` random bytes as lower-case hexadecimal; unguessable in the real adapter. */
  hex(bytes: number): string;
}
