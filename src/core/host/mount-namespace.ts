/**
 * The command that runs `words` with the mounts of the host's PID 1, word for word as kured runs it. Only the mounts
 * are the host's: environment and user are ours, and PATH is looked up with our value in the host's folders.
 */
export function inHostMounts<Words extends readonly [string, ...string[]]>(
  words: Words,
): readonly ["/usr/bin/nsenter", "-m/proc/1/ns/mnt", "--", ...Words] {
  return ["/usr/bin/nsenter", "-m/proc/1/ns/mnt", "--", ...words];
}

/**
 * What nsenter says when it could not enter or could not run the command; `undefined` if it said nothing. It ends with
 * 1 when it could not enter, which a command might mean as an answer.
 */
export function nsenterRefusal(stderr: string): string | undefined {
  return /^nsenter: (.*)$/m.exec(stderr)?.[1];
}
