import type { Cluster } from "../cluster.ts";
import { transportFront } from "../../../sim/apiserver/fronts/transport.ts";
import { httpsFront } from "../../../sim/apiserver/fronts/https.ts";
import { selfSigned } from "../../../sim/apiserver/fronts/certificate.ts";
import { ApiServer } from "../../../sim/apiserver/server.ts";
import { machineClock } from "../../../src/host/clock.ts";
import { machineRandom } from "../../../src/host/random.ts";
import { httpsTransport } from "../../../src/kube/https.ts";
import type { Transport } from "../../../src/ports/transport.ts";
import { admit } from "./admission.ts";

/** One of the servers that are compared. */
export interface Subject {
  readonly name: string;
  /** With all rights. */
  readonly transport: Transport;
  /** Forgets all history, so that what goes on from an older version gets 410. */
  compact(): Promise<void>;
  stop(): Promise<void>;
}

const clock = machineClock();
const userAgent = "conformance/1";

/** The real one; stops only what is its own, not the cluster. */
export function realServer(cluster: Cluster): Subject {
  const { certificate, key } = cluster.pki.admin;
  const connection = {
    server: cluster.server,
    certificateAuthority: cluster.pki.authority.certificate,
    clientCertificate: { certificate, key },
  };
  return {
    name: "the real API server",
    transport: httpsTransport({ connection, clock, userAgent }),
    compact: async () => {
      // It answers from its own memory what etcd has forgotten.
      await cluster.killApiServer();
      await cluster.startApiServer();
      await cluster.compactHistory();
    },
    stop: () => Promise.resolve(),
  };
}

/** The simulator's, reached as the demo and the black-box tests reach it. */
export async function simulatedByHttps(): Promise<Subject> {
  const server = simulated();
  const tls = selfSigned({ nowMs: Date.now() });
  const front = await httpsFront(server, { tls, clock, authenticate: () => user });
  const connection = { server: front.url, certificateAuthority: tls.cert };
  return {
    name: "the simulator over HTTPS",
    transport: httpsTransport({ connection, clock, userAgent }),
    compact: () => Promise.resolve(server.compact()),
    stop: () => front.close(),
  };
}

/** The simulator's, reached as the simulated daemons reach it. */
export function simulatedInProcess(): Subject {
  const server = simulated();
  return {
    name: "the simulator in process",
    transport: transportFront(server, { user, clock, userAgent }),
    compact: () => Promise.resolve(server.compact()),
    stop: () => Promise.resolve(),
  };
}

/** Who the client certificate of the real one says that we are. */
const user = { name: "admin", groups: ["system:masters", "system:authenticated"] };

function simulated(): ApiServer {
  return new ApiServer({ clock: () => clock.now().wallMs, random: machineRandom(), admit });
}
