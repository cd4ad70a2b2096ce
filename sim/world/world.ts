import { keyOf } from "../apiserver/objects/object.ts";
import { ApiServer, type LoggedRequest } from "../apiserver/server.ts";
import type { Change } from "../apiserver/store/store.ts";
import { adminOf, type Admin } from "../cluster/admin.ts";
import { Cluster } from "../cluster/cluster.ts";
import { guardOf } from "./access/guard.ts";
import { Beat } from "./beat.ts";
import { Coverage } from "./coverage.ts";
import { Alarms } from "./hosts/alarms.ts";
import { Machine } from "./hosts/machine.ts";
import type { CrashMoment } from "./network/link.ts";
import { installation } from "./installation.ts";
import { Network } from "./network/weather.ts";
import { limitOf, type Mode, type NodeOptions, type WorldOptions } from "./options.ts";
import { Container } from "./processes/container.ts";
import type { Role, Workplace } from "./processes/container.ts";
import type { Surroundings } from "./processes/surroundings.ts";
import { coordinatorApp, Kubelets } from "./processes/kubelet.ts";
import { startProcess } from "./processes/wiring.ts";
import { Crashes, type Executioner } from "./processes/crashes.ts";
import type { Observer } from "./observer.ts";
import { Cordons } from "./authors/cordons.ts";
import { goKuredName, personName } from "./authors/writer.ts";
import { dice } from "./time/dice.ts";
import type { Dice } from "./time/dice.ts";
import { Timeline } from "./time/timeline.ts";
import { Trace } from "./time/trace.ts";

/** The path of kured's DaemonSet. */
export const daemonSetPath = `/apis/apps/v1/namespaces/${installation.namespace}/daemonsets/${installation.daemonSet}`;

/** A whole cluster with its machines and its kured, in virtual time. */
export class World {
  readonly options: WorldOptions;
  readonly timeline: Timeline;
  readonly dice: Dice;
  readonly coverage = new Coverage();
  readonly server: ApiServer;
  readonly cluster: Cluster;
  readonly network: Network;
  readonly machines = new Map<string, Machine>();
  readonly kubelets: Kubelets;
  /** What went against a rule, or fell over. */
  readonly broken: string[] = [];
  /** Every line of the story, if anybody listens. */
  readonly #listen: ((line: string) => void) | undefined;
  /** Who looks at everything that happens. */
  readonly observers: Observer[] = [];
  /** Replaced before anything happens, by those who plan otherwise. */
  crashPlan: Executioner;
  /** People with kubectl. */
  readonly people: Admin;
  /** Daemons of kured 1.x. */
  readonly goKured: Admin;
  readonly cordons: Cordons;
  readonly alarms: Alarms;
  /** How kured is installed now. */
  mode: Mode;
  /** Somebody has gone over to the other mode since the beginning. */
  wentOver = false;
  /** What new daemons are started with. */
  flags: readonly string[];
  readonly #trace = new Trace();
  readonly #beat: Beat;
  /** What processes see of this world; methods of their own, so that each can be handed on. */
  readonly #surroundings: Surroundings;

  constructor(options: WorldOptions, listen?: (line: string) => void) {
    this.options = options;
    this.timeline = new Timeline(options.startsAtMs, options.grainMs);
    this.#listen = listen;
    this.dice = dice(options.seed);
    this.alarms = new Alarms(this.timeline);
    this.flags = options.flags;
    this.mode = options.mode;
    const { timeline } = this;
    this.server = new ApiServer({
      clock: () => timeline.wallMs,
      random: this.dice.fork("server"),
      ...guardOf(options.flags),
      onWrite: (change, user) => this.#written(change, user),
      onRequest: (request) => this.#answered(request),
    });
    this.network = new Network(timeline, {
      dice: this.dice.fork("network"),
      tell: (fault) => this.coverage.count("fault", fault),
    });
    this.#surroundings = {
      options,
      timeline,
      dice: this.dice,
      server: this.server,
      network: this.network,
      machines: this.machines,
      crashes: (container, act, moment) => this.crashes(container, act, moment),
      rebootAsked: (container) => this.rebootAsked(container),
      sent: (sent) => {
        for (const observer of this.observers) observer.sent?.(sent);
      },
      flags: () => this.flags,
      alarms: this.alarms,
      verdictTold: (code) => this.verdictTold(code),
      heard: (line) => this.note(line),
    };
    this.network.weather = options.weather;
    this.cordons = new Cordons(this);
    this.people = adminOf(this.server, personName);
    this.goKured = adminOf(this.server, goKuredName);
    this.crashPlan = new Crashes(options.crashes, this);
    this.kubelets = new Kubelets({
      server: this.server,
      machines: this.machines,
      create: (workplace) => this.#container(workplace),
      daemon: () => this.daemon,
    });
    this.cluster = new Cluster({
      server: this.server,
      clock: () => timeline.wallMs,
      timing: { podReadyAfterMs: 3_000, podStopsAfterMs: 2_000, nodeGraceMs: 30_000 },
      failing: () => this.kubelets.failing,
    });
    this.#furnish();
    this.#beat = new Beat({ timeline, cluster: this.cluster, stepped: () => this.kubelets.look() });
    this.#bookmark();
  }

  /** One line of the story; equal worlds have equal stories. */
  note(what: string): void {
    this.trace(what);
    this.#listen?.(`${this.timeline.nowMs} ${what}`);
  }

  /** A line that counts for the story and is too much to read. */
  trace(what: string): void {
    this.#trace.add(`${this.timeline.nowMs} ${what}\n`);
  }

  /** Kills the process if it is to die at this moment of this act; answers whether it did. */
  crashes(container: Container, act: string, moment: CrashMoment): boolean {
    if (moment === "before") this.coverage.count("act", act);
    return this.crashPlan.at(container, act, moment);
  }

  /** A process tells its machine to reboot. */
  rebootAsked(container: Container): void {
    this.note(`${container.name}: commands the reboot`);
    for (const observer of this.observers) observer.rebootAsked?.(container);
  }

  /** A decider says this of a node. */
  verdictTold(code: string): void {
    this.coverage.count("verdict", code);
  }

  /** Which daemon the DaemonSet's pods run from now on. */
  get daemon(): Role {
    return this.mode === "classic" ? "classic" : "agent";
  }

  /** The installation changes to the other mode; pods that run go on as they are. */
  goOver(): void {
    this.mode = this.mode === "classic" ? "coordinated" : "classic";
    this.wentOver = true;
  }

  /** Something was against a rule. */
  break(rule: string, what: string): void {
    this.note(`BROKEN ${rule}: ${what}`);
    this.broken.push(`${rule}: ${what} (at ${this.timeline.nowMs} ms)`);
  }

  /** The hash of the story so far. */
  hash(): string {
    return this.#trace.hash();
  }

  /** A machine of this name joins the cluster, as an autoscaler or a person makes one. */
  addMachine(name: string, options: NodeOptions): void {
    const { controlPlane, needAtMs, clockRate, clockAheadMs, cordoned, command, returns } = options;
    const { cluster, timeline } = this;
    const machine: Machine = new Machine({
      name,
      controlPlane,
      cluster,
      timeline,
      dice: this.dice.fork(`machine ${name}`),
      clockError: { rate: clockRate, aheadMs: clockAheadMs },
      note: (what) => this.note(what),
      power: () => {
        for (const observer of this.observers) observer.power?.(machine);
        this.kubelets.power(machine);
      },
    });
    this.machines.set(name, machine);
    machine.mode = command ?? machine.mode;
    machine.returns = returns ?? machine.returns;
    cluster.addNode(name, { controlPlane, bootId: machine.bootId });
    if (cordoned === true)
      timeline.after(30_000, () => void this.people.merge(`/api/v1/nodes/${name}`, { spec: { unschedulable: true } }));
    if (needAtMs !== undefined) timeline.after(needAtMs, () => machine.setSentinel("present"));
  }

  #furnish(): void {
    const { cluster, options } = this;
    for (const [index, node] of options.nodes.entries()) this.addMachine(`n${index + 1}`, node);
    cluster.addDaemonSet(installation.daemonSet, { namespace: installation.namespace });
    const replicas = options.mode === "coordinated" ? 2 : 0;
    cluster.addWorkload(coordinatorApp, { replicas, namespace: installation.namespace });
    const workers = options.nodes.filter(({ controlPlane }) => !controlPlane).length;
    // A budget that no drain could ever satisfy would keep its node for good, and rightly.
    const budget = workers > limitOf(options) ? { budget: { maxUnavailable: 1 } } : {};
    cluster.addWorkload("web", { replicas: options.nodes.length, namespace: "shop", ...budget });
    cluster.addWorkload("batch", { replicas: options.nodes.length, namespace: "jobs" });
  }

  #container(workplace: Workplace): Container {
    return new Container({
      workplace,
      timeline: this.timeline,
      note: (what) => this.note(what),
      failed: (fault) => this.broken.push(fault),
      start: (container, run) => startProcess(container, { ...run, world: this.#surroundings }),
    });
  }

  #written(change: Change, user: string): void {
    const { stored, before, after, resourceVersion } = change;
    const object = after ?? before;
    const kind = before === undefined ? "created" : after === undefined ? "deleted" : "changed";
    this.note(`${resourceVersion} ${user} ${kind} ${stored} ${object === undefined ? "" : keyOf(object)}`);
    if (stored !== "leases.coordination.k8s.io" && stored !== "events") this.#beat?.changed();
    // The cluster is furnished before anybody looks.
    this.cordons?.written(change, user);
    for (const observer of this.observers) observer.written?.(change, user);
  }

  #answered(request: LoggedRequest): void {
    const { user, method, path, status } = request;
    this.trace(`${user} ${method} ${path} ${status}`);
    for (const observer of this.observers) observer.answered?.(request);
  }

  /** The API server tells idle watchers once a minute how far they are. */
  #bookmark(): void {
    this.timeline.after(60_000, () => {
      this.server.sendBookmarks();
      this.#bookmark();
    });
  }
}
