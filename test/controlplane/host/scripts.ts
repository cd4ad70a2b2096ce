/** What a reboot command does on a simulated host. */
export type RebootBehaviour =
  /** Shuts down for `shutdownMs`, is off for `downMs`, and comes back with another boot ID and without the sentinel. */
  | {
      readonly kind: "boots";
      /** 200 unless given. */
      readonly shutdownMs?: number;
      /** 300 unless given. */
      readonly downMs?: number;
      /** The new boot still asks for a reboot. */
      readonly keepSentinel?: boolean;
      /** The Node is NotReady from shutdown to boot, as it is when that takes longer than the grace period. */
      readonly notReady?: boolean;
    }
  /** Shuts down and is off until somebody calls `boot`. */
  | { readonly kind: "staysDown"; readonly shutdownMs?: number; readonly notReady?: boolean }
  /** Says that it failed; nothing else happens. */
  | { readonly kind: "fails"; readonly exitCode: number }
  /** Never returns; nothing else happens. */
  | { readonly kind: "hangs" }
  /** Says that all is well; nothing else happens. */
  | { readonly kind: "ignored" };

/** The line that the reboot command reads to know what to do. */
export function behaviourLine(behaviour: RebootBehaviour): string {
  switch (behaviour.kind) {
    case "boots":
    case "staysDown":
      return "shuts-down\n";
    case "fails":
      return `fails ${behaviour.exitCode}\n`;
    case "hangs":
    case "ignored":
      return `${behaviour.kind}\n`;
  }
}

/**
 * PID 1 of a simulated host: gives the machine its own /run and boot ID, notes the signals it gets, reboots at the one
 * that means reboot to systemd (SIGRTMIN+5), and otherwise does nothing for as long as the machine is on.
 */
export function initScript(folder: string): string {
  return `#!/bin/bash
set -e
mount --bind ${folder}/run /run
mount --bind ${folder}/boot-id /proc/sys/kernel/random/boot_id
# So that kured's default command, by its full path, is safe and works where the machine has one.
if [ -e /bin/systemctl ]; then mount --bind ${folder}/bin/systemctl /bin/systemctl; fi
set +e
note() { echo "$(date +%s%3N) $1" >> ${folder}/signals; }
for name in TERM INT HUP USR1 USR2 RTMIN+3 RTMIN+4; do trap "note $name" $name; done
trap 'note RTMIN+5; ${folder}/bin/reboot signal' RTMIN+5
echo on > ${folder}/power
while :; do sleep 1000 & wait $!; kill $! 2> /dev/null; done
`;
}

/** The reboot command: notes that it was called, then behaves as it was told last. */
export function rebootScript(folder: string): string {
  return `#!/bin/bash
read -r kind code < ${folder}/reboot-behaviour
echo "$(date +%s%3N) $*" >> ${folder}/reboots
case $kind in
  shuts-down) : > ${folder}/shutting-down ;;
  fails) echo "Failed to reboot: the test says so." >&2; exit $code ;;
  hangs) exec sleep infinity ;;
esac
`;
}

/** Knows two things: whether the system is going down, and reboot. */
export function systemctlScript(folder: string): string {
  return `#!/bin/bash
case $1 in
  is-system-running)
    if [ -e ${folder}/shutting-down ]; then echo stopping; exit 1; fi
    echo running ;;
  reboot) exec ${folder}/bin/reboot "$@" ;;
  *) echo "Unknown command verb '$1'." >&2; exit 1 ;;
esac
`;
}

/** Gives a process what a kubelet would mount into its container, then becomes it. */
export const CONTAINER_SCRIPT = `#!/bin/bash
set -e
account=$1; shift
secrets=/var/run/secrets
mkdir -p $secrets
mount -t tmpfs -o size=64k tmpfs $secrets
mkdir -p $secrets/kubernetes.io/serviceaccount
mount --bind "$account" $secrets/kubernetes.io/serviceaccount
exec "$@"
`;
