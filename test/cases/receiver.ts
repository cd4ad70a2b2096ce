import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

/** Somebody's web hook, which notes what it is told. */
export interface Receiver {
  readonly port: number;
  /** Everything that was accepted, in order. */
  messages(): readonly string[];
  /** How often somebody was sent away. */
  refused(): number;
  /** Whether it is out of service. */
  away: boolean;
  stop(): Promise<void>;
}

/** A receiver of `generic://…?template=json`; on loopback unless another address of this machine is given. */
export async function startReceiver({ address = "127.0.0.1" }: { readonly address?: string } = {}): Promise<Receiver> {
  const messages: string[] = [];
  let refused = 0;
  const server = createServer((request, response) => {
    text(request)
      .then((body) => {
        if (receiver.away) refused += 1;
        else messages.push((JSON.parse(body) as { readonly message: string }).message);
        response.writeHead(receiver.away ? 503 : 204).end();
      })
      .catch(() => response.destroy());
  });
  await once(server.listen(0, address), "listening");
  const receiver: Receiver = {
    port: (server.address() as AddressInfo).port,
    messages: () => [...messages],
    refused: () => refused,
    away: false,
    stop: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
  return receiver;
}
