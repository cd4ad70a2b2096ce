/** The levels of kured's log, from what is hidden to what ends the process. */
export type LogLevel = "debug" | "info" | "warning" | "error" | "fatal";

/**
 * Writes one line. `message` is a whole sentence for people, in kured's words where kured has some; `fields` are
 * for machines and appear only in formats that can hold them. Must never throw and never wait.
 */
export interface Log {
  write(level: LogLevel, message: string, fields?: Readonly<Record<string, string | number | boolean>>): void;
}
