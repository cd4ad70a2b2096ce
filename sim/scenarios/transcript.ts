import { parseLedger } from "../../src/core/lock/ledger.ts";
import { entriesOf } from "../../src/core/lock/place.ts";
import { at, textAt } from "../apiserver/objects/json.ts";
import type { KubeObject } from "../apiserver/objects/object.ts";
import type { Change } from "../apiserver/store/store.ts";
import { conditionStatus } from "../cluster/conditions.ts";
import { nodeOf } from "../cluster/seen-pods.ts";
import { installation } from "../world/installation.ts";
import { lockTextOf, recordOn } from "../world/reading.ts";
import type { World } from "../world/world.ts";
import { wallClock } from "./instants.ts";
import { Names } from "./names.ts";

/** More than one retry of a drain says, fewer than one drain. */
const rememberedLines = 6;

/** Writes down what is told and done in a world, for people. */
export class Transcript {
  readonly lines: string[] = [];
  readonly #names = new Names();
  /** What each process said last, a few lines of it: saying it again at every retry or period is not news. */
  readonly #said = new Map<string, readonly string[]>();
  #world: World | undefined;

  /** A line of the world's own story; most of them are told better by what is observed. */
  hear(line: string): void {
    const [, ms = "", text = ""] = /^(\d+) (.*)$/s.exec(line) ?? [];
    if (text.startsWith("BROKEN ")) this.#write(Number(ms), "RULE", text.slice(7));
    const [, role, machine, what = ""] = /^(agent|classic|coordinator)\/([^/]+)\/[^ :]+:? (.*)$/s.exec(text) ?? [];
    if (role === undefined || machine === undefined) return;
    const [, level = "", message] = /^\[(\w+)\] (.*)$/s.exec(what) ?? [];
    // Not shown unless asked for; and the machine tells of its command itself.
    if (level === "debug" || what === "commands the reboot") return;
    const said =
      message === undefined
        ? `(${what.replace(/ \(\d+\)$/, "")})`
        : level === "info"
          ? message
          : `${level}: ${message}`;
    const speaker = this.#names.process(role, machine);
    const before = this.#said.get(speaker) ?? [];
    if (before.includes(said)) return;
    this.#said.set(speaker, [...before.slice(1 - rememberedLines), said]);
    this.#write(Number(ms), speaker, said);
  }

  /** From now on what happens in this world is written down. */
  observe(world: World): void {
    this.#world = world;
    world.observers.push({
      written: (change, user) => this.#written(change, user),
      power: ({ name, state, boots }) => this.tell(name, state === "up" ? `up, boot ${boots}` : state),
      rebootAsked: ({ workplace }) => this.tell(workplace.machine, "is told to reboot"),
    });
  }

  /** A line at this instant. */
  tell(who: string, what: string): void {
    this.#write(this.#world?.timeline.nowMs ?? 0, who, what);
  }

  #written({ stored, before, after }: Change, user: string): void {
    const by = this.#names.user(user);
    if (stored === "nodes") this.#node({ before, after, by });
    if (stored === "pods") this.#pod({ before, after, by });
    const isOurs = (after ?? before)?.metadata.name === installation.daemonSet;
    if (stored !== "daemonsets.apps" || !isOurs) return;
    const [was, is] = [lockTextOf(before), lockTextOf(after)];
    if (was !== is) this.tell("lock", `${lockChange(was, is)} by ${by}`);
  }

  #node({ before, after, by }: Written): void {
    const name = (after ?? before)?.metadata.name ?? "";
    if (before === undefined) return this.tell(name, "joins");
    if (after === undefined) return this.tell(name, "its Node is deleted");
    const [wasCordoned, isCordoned] = [before, after].map((node) => at(node, "spec", "unschedulable") === true);
    if (isCordoned !== wasCordoned) this.tell(name, `${isCordoned === true ? "cordoned" : "uncordoned"} by ${by}`);
    const [wasReady, isReady] = [before, after].map((node) => conditionStatus(node, "Ready") === "True");
    if (isReady !== wasReady) this.tell(name, isReady === true ? "Ready" : "not Ready");
    const [wasPhase, isPhase] = [before, after].map((node) => recordOn(node)?.phase);
    if (wasPhase !== isPhase) this.tell(name, isPhase === undefined ? `record removed by ${by}` : `record ${isPhase}`);
  }

  #pod({ before, after, by }: Written): void {
    const pod = after ?? before;
    if (pod === undefined) return;
    const name = this.#names.pod(pod);
    const [wasOn, isOn] = [before, after].map((one) => (one === undefined ? "" : nodeOf(one)));
    const wasLeaving = textAt(before, "metadata", "deletionTimestamp") !== undefined;
    const isLeaving = textAt(after, "metadata", "deletionTimestamp") !== undefined;
    if (isLeaving && !wasLeaving) this.tell(isOn ?? "", `${name} is told to end by ${by}`);
    if (after === undefined && wasOn !== "") return this.tell(wasOn ?? "", `${name} is gone`);
    if (isOn !== wasOn && isOn !== undefined && this.#world !== undefined) this.tell(isOn, `${name} is placed here`);
  }

  #write(ms: number, who: string, what: string): void {
    for (const line of this.#names.readable(what).split("\n"))
      this.lines.push(`${wallClock(ms)}  ${who.padEnd(14)}  ${line}`.trimEnd());
  }
}

interface Written {
  readonly before: KubeObject | undefined;
  readonly after: KubeObject | undefined;
  readonly by: string;
}

/** Who holds the lock now, or the text itself where neither we nor Go kured would have written it. */
function lockChange(was: string | undefined, is: string | undefined): string {
  const [old, holders] = [holdersIn(was), holdersIn(is)];
  if (is === undefined) return "released";
  if (holders === undefined) return `set to ${is}`;
  if (holders === "nobody") return "released";
  return holders === old ? `renewed for ${holders}` : `held by ${holders}, written`;
}

function holdersIn(text: string | undefined): string | undefined {
  const ledger = parseLedger(text);
  const entries = entriesOf(ledger);
  if (ledger.kind === "unreadable" || entries.some(({ createdMs }) => createdMs === undefined)) return undefined;
  return entries.length === 0 ? "nobody" : entries.map(({ nodeId }) => nodeId).join(" and ");
}
