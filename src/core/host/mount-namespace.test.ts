import assert from "node:assert/strict";
import { test } from "node:test";
import { inHostMounts, nsenterRefusal } from "./mount-namespace.ts";

test("commands run in the host's mount namespace exactly as kured runs them", () => {
  assert.equal(
    inHostMounts(["/bin/systemctl", "reboot"]).join(" "),
    "/usr/bin/nsenter -m/proc/1/ns/mnt -- /bin/systemctl reboot",
  );
});

test("what nsenter itself complains about is told from what the command says", () => {
  const refused = "nsenter: cannot open /proc/1/ns/mnt: Permission denied\n";
  assert.equal(nsenterRefusal(refused), "cannot open /proc/1/ns/mnt: Permission denied");
  assert.equal(nsenterRefusal(`warning\n${refused}`), "cannot open /proc/1/ns/mnt: Permission denied");
  assert.equal(nsenterRefusal("my-nsenter: fine\n"), undefined);
  assert.equal(nsenterRefusal(""), undefined);
});
