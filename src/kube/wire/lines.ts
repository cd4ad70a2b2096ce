/** A line that is longer than allowed; the stream cannot be trusted any further. */
export class LineTooLongError extends Error {
  override readonly name = "LineTooLongError";
  constructor(maxBytes: number) {
    super(`a line of the answer is longer than ${maxBytes} bytes`);
  }
}

/**
 * Cuts a stream of bytes into its lines of UTF-8 text, without the line feeds, leaving out empty lines. What
 * follows the last line feed counts as a line. Rejects as `body` does, and with a `LineTooLongError`.
 */
export async function* linesOf(
  body: AsyncIterable<Uint8Array>,
  { maxBytes }: { readonly maxBytes: number },
): AsyncGenerator<string, void, undefined> {
  let begun: Uint8Array[] = [];
  let begunBytes = 0;
  for await (const chunk of body) {
    let rest = chunk;
    for (let end = rest.indexOf(lineFeed); end !== -1; end = rest.indexOf(lineFeed)) {
      if (begunBytes + end > maxBytes) throw new LineTooLongError(maxBytes);
      const line = textOf([...begun, rest.subarray(0, end)]);
      begun = [];
      begunBytes = 0;
      rest = rest.subarray(end + 1);
      if (line !== "") yield line;
    }
    if (rest.length > 0) {
      begun.push(rest);
      begunBytes += rest.length;
    }
    if (begunBytes > maxBytes) throw new LineTooLongError(maxBytes);
  }
  const last = textOf(begun);
  if (last !== "") yield last;
}

/** An answer that is larger than anyone expected; a server that never stops talking must not eat our memory. */
export class BodyTooLargeError extends Error {
  override readonly name = "BodyTooLargeError";
  constructor(maxBytes: number) {
    super(`the answer is larger than ${maxBytes} bytes`);
  }
}

/** The whole body as UTF-8 text. Rejects as `body` does, and with a `BodyTooLargeError`. */
export async function textOfBody(
  body: AsyncIterable<Uint8Array>,
  { maxBytes }: { readonly maxBytes: number },
): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new BodyTooLargeError(maxBytes);
    chunks.push(chunk);
  }
  return textOf(chunks);
}

const lineFeed = 0x0a;

/** Decoded as a whole, because a character may lie across two chunks. */
function textOf(chunks: readonly Uint8Array[]): string {
  return Buffer.concat(chunks).toString("utf8");
}
