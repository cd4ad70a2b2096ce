import type { Cluster } from "../cluster.ts";
import type { Connection, Credentials } from "../../../src/kube/connection/connection.ts";
import type { User } from "../../../sim/apiserver/access.ts";
import type { Asker } from "./step.ts";
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
  readonly transports: Readonly<Record<Asker, Transport>>;
  /** Forgets all history, so that what goes on from an older version gets 410. */
  compact(): Promise<void>;
  stop(): Promise<void>;
}

const clock = machineClock();
const userAgent = "conformance/1";

/** The real one; stops only what is its own, not the cluster. */
export function realServer(cluster: Cluster): Subject {
  const { admin, authority, issue } = cluster.pki;
  const server = { server: cluster.server, certificateAuthority: authority.certificate };
  const certified = (clientCertificate: typeof admin): Transport => over({ ...server, clientCertificate });
  return {
    name: "the real API server",
    transports: {
      admin: certified(admin),
      stranger: certified(issue({ commonName: stranger.name, organizations: [] })),
      nobody: over({ ...server, credentials: bearer("nobody") }),
    },
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
  const users: ReadonlyMap<string | undefined, User> = new Map([
    ["admin", admin],
    ["stranger", stranger],
  ]);
  const front = await httpsFront(server, { tls, clock, authenticate: (token) => users.get(token) });
  const as = (token: Asker): Transport =>
    over({ server: front.url, certificateAuthority: tls.cert, credentials: bearer(token) });
  return {
    name: "the simulator over HTTPS",
    transports: { admin: as("admin"), stranger: as("stranger"), nobody: as("nobody") },
    compact: () => Promise.resolve(server.compact()),
    stop: () => front.close(),
  };
}

/** The simulator's, reached as the simulated daemons reach it. */
export function simulatedInProcess(): Subject {
  const server = simulated();
  const as = (user: User): Transport => transportFront(server, { user, clock, userAgent });
  // Whom this front serves is known.
  const nobody: Transport = () => Promise.reject(new Error("Nobody cannot ask in process"));
  return {
    name: "the simulator in process",
    transports: { admin: as(admin), stranger: as(stranger), nobody },
    compact: () => Promise.resolve(server.compact()),
    stop: () => Promise.resolve(),
  };
}

/** Who the client certificates of the real one say that we are. */
const admin: User = { name: "admin", groups: ["system:masters", "system:authenticated"] };
const stranger: User = { name: "stranger", groups: ["system:authenticated"] };

function over(connection: Connection): Transport {
  return httpsTransport({ connection, clock, userAgent });
}

function bearer(token: Asker): Credentials {
  return { authorization: () => Promise.resolve(`Bearer ${token}`) };
}

function simulated(): ApiServer {
  return new ApiServer({ clock: () => clock.now().wallMs, random: machineRandom(), admit, authorize: () => false });
}
