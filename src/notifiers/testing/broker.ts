import { createServer, type AddressInfo, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";

/** An MQTT broker that knows no more than what one session of a sender needs. */
export interface Broker {
  readonly port: number;
  /** Every packet that came, in hexadecimal. */
  readonly packets: string[];
  close(): Promise<void>;
}

/** What a broker answers, in hexadecimal, by the type of the packet; empty for nothing, `end` to hang up. */
export type BrokerAnswers = Readonly<Record<"connect" | "publish" | "pubrel", string>>;

/** Starts one that takes everything, unless told otherwise; with a key and a certificate it speaks TLS. */
export async function startBroker(
  answers: Partial<BrokerAnswers> = {},
  tls?: { readonly key: string; readonly cert: string },
): Promise<Broker> {
  const packets: string[] = [];
  const sockets = new Set<Socket>();
  const attend = (socket: Socket): void => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.setNoDelay(true);
    let rest = "";
    socket.on("data", (chunk: Buffer) => {
      rest += chunk.toString("hex");
      for (let size = sizeOf(rest); size !== undefined && rest.length >= size; size = sizeOf(rest)) {
        const packet = rest.slice(0, size);
        rest = rest.slice(size);
        packets.push(packet);
        const answer = answerTo(packet, answers);
        if (answer === "end") socket.end();
        // A byte at a time: a client must not rely on packets that come whole.
        else for (const byte of answer.match(/../g) ?? []) socket.write(byte, "hex");
      }
    });
  };
  const server = tls === undefined ? createServer(attend) : createTlsServer(tls, attend);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    packets,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The hexadecimal digits of the first packet; `undefined` before its length has come. */
function sizeOf(hex: string): number | undefined {
  let length = 0;
  for (let at = 2, factor = 1; at < hex.length - 1; at += 2, factor *= 128) {
    const byte = Number.parseInt(hex.slice(at, at + 2), 16);
    length += (byte % 128) * factor;
    if (byte < 128) return at + 2 + 2 * length;
  }
  return undefined;
}

function answerTo(packet: string, { connect = "2003000000", publish, pubrel = "70020001" }: Partial<BrokerAnswers>) {
  const usual: Readonly<Record<string, string>> = { "0": "", "1": "40020001", "2": "50020001" };
  switch (packet[0]) {
    case "1":
      return connect;
    case "3":
      return publish ?? usual[(Number.parseInt(packet[1] ?? "", 16) >> 1) & 3] ?? "";
    case "6":
      return pubrel;
    default:
      return "";
  }
}
