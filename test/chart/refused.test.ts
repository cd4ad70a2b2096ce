import assert from "node:assert/strict";
import { test } from "node:test";
import { runHelm } from "./helm.ts";
import { classic } from "./renders.ts";

const { signal } = new AbortController();

const set = (...values: readonly string[]): readonly string[] => values.flatMap((value) => ["--set", value]);

/** Values that no chart may let through, and what is said about them. */
const refused: readonly (readonly [argv: readonly string[], said: RegExp])[] = [
  [set("configuration.rebootDay=mon"), /additional properties 'rebootDay' not allowed/],
  [set("confguration.rebootDays=mon"), /additional properties 'confguration' not allowed/],
  [set("mode=clasic"), /'\/mode'.*value must be one of 'auto', 'classic', 'coordinated'/],
  [set("configuration.lockTtl=30"), /configuration\.lockTtl is "30", but a duration is a number with a unit/],
  [set("configuration.annotationTtl=1h", "configuration.lockTtl=2h"), /annotationTtl \(1h\) is the old name of/],
  [set("configuration.startTime=noon"), /configuration\.startTime is "noon", but a time of day is written 5pm/],
  [set("configuration.rebootDays={mon,tuesdays}"), /configuration\.rebootDays has "tuesdays", but days are mon to sun/],
  [
    set("configuration.rebootSentinel=reboot-required"),
    /rebootSentinel is "reboot-required", but it must be the whole path/,
  ],
  [set("configuration.notifyUrl=slack://x", "configuration.notifyUrlSecret.name=s"), /both given; keep the Secret/],
  [
    classic("--set", "configuration.leaseName=other"),
    /configuration\.leaseName has a meaning only with mode: coordinated/,
  ],
  [
    set("configuration.preRebootNodeLabels={a=b,rebooting}"),
    /preRebootNodeLabels has "rebooting", but a label is written/,
  ],
  [
    set("configuration.rebootMethod=signal", "configuration.rebootSignal=99"),
    /configuration\.rebootSignal is 99, but a signal is a number from 1 to 64/,
  ],
  [set("configuration.alertFilterRegexp=(?=a)"), /error parsing regexp: invalid or unsupported Perl syntax: `\(\?=`/],
  [
    set("configuration.metricsPort=99999"),
    /configuration\.metricsPort is 99999, but a port is a number from 1 to 65535/,
  ],
  [set("configuration.annotateNodes=yes"), /'\/configuration\/annotateNodes'.*value must be one of true, false/],
  [set("configuration.concurrency=two"), /'\/configuration\/concurrency'.*'two' does not match pattern/],
  [
    set("configuration.rebootMethod=reboot"),
    /'\/configuration\/rebootMethod'.*value must be one of 'command', 'signal'/,
  ],
  [set("serviceAccount.annotations.a=b"), /'\/serviceAccount'.*additional properties 'annotations' not allowed/],
  [set("metrics.enabled=true"), /'\/metrics'.*additional properties 'enabled' not allowed/],
  [set("updateStrategy=Recreate"), /'\/updateStrategy'.*value must be one of 'RollingUpdate', 'OnDelete'/],
  [set("extraArgs.force-rebot=true"), /extraArgs\.force-rebot: kured has no flag --force-rebot/],
  [
    set("mode=coordinated", "image.tag=1.23.0"),
    /mode: coordinated needs kured 2\.0 or newer, and image\.tag makes it ghcr\.io\/kubereboot\/kured:1\.23\.0: remove/,
  ],
  [
    [...set("mode=coordinated"), "--kube-version", "v1.29.9"],
    /mode: coordinated needs Kubernetes 1\.30 or newer, and this is v1\.29\.9/,
  ],
];

for (const [argv, said] of refused) {
  test(`helm refuses ${argv.join(" ")} and says why`, async () => {
    const end = await runHelm(["template", "kured", "chart", ...argv], { signal });
    assert.notEqual(end.code, 0);
    assert.match(end.stderr, said);
  });
}
