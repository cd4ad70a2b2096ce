import { connect as connectPlainly, isIP, type Socket } from "node:net";
import { connect as connectByTls } from "node:tls";
import { StreamError, type ByteStream, type OpenStream, type StreamAddress } from "../../ports/stream.ts";
import { reasonOf } from "./failure.ts";

/** Connections over the network: TCP, or TLS with the certificates that Node trusts. */
export function machineStreams(): OpenStream {
  return async (address, { signal }) => {
    signal.throwIfAborted();
    const socket = socketTo(address);
    const abort = (): void => void socket.destroy();
    signal.addEventListener("abort", abort, { once: true });
    socket.once("close", () => signal.removeEventListener("abort", abort));
    const guarded = guard(address, signal);
    try {
      await guarded(() => opened(socket, address));
    } catch (error) {
      socket.destroy();
      throw error;
    }
    return streamOf(socket, guarded);
  };
}

/** Runs a step and turns its failure into what the port promises. */
type Guard = <T>(step: () => Promise<T>) => Promise<T>;

function guard({ hostname, port }: StreamAddress, signal: AbortSignal): Guard {
  return async (step) => {
    try {
      const result = await step();
      // A connection that was hung up for the signal may look as if the other side had ended it.
      signal.throwIfAborted();
      return result;
    } catch (error) {
      signal.throwIfAborted();
      throw new StreamError(`${hostname}:${port}: ${reasonOf(error)}`);
    }
  };
}

function socketTo({ hostname, port, tls }: StreamAddress): Socket {
  if (tls === "none") return connectPlainly({ host: hostname, port });
  const named = isIP(hostname) === 0 ? { servername: hostname } : {};
  return connectByTls({ host: hostname, port, rejectUnauthorized: tls === "verified", ...named });
}

function opened(socket: Socket, { tls }: StreamAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once(tls === "none" ? "connect" : "secureConnect", resolve);
    socket.once("error", reject);
    socket.once("close", () => reject(new Error("closed before it was open")));
  });
}

function streamOf(socket: Socket, guarded: Guard): ByteStream {
  // The iterator hears of errors too; without it one that comes between two reads would end the process.
  const chunks: AsyncIterator<Uint8Array, undefined> = socket[Symbol.asyncIterator]();
  socket.on("error", () => {});
  return {
    write: (bytes) =>
      guarded(
        () =>
          new Promise<void>((resolve, reject) => {
            socket.write(bytes, (error) => (error ? reject(error) : resolve()));
          }),
      ),
    read: () =>
      guarded(async () => {
        const next: IteratorResult<Uint8Array, undefined> = await chunks.next();
        return next.done === true ? undefined : next.value;
      }),
    close: () => socket.destroySoon(),
  };
}
