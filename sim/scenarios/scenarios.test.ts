import assert from "node:assert/strict";
import { test } from "node:test";
import { playFile, scenarioFiles } from "./files.ts";

// Each file of incidents/, to the letter. When what is told or done has changed on purpose:
// npm run sim:scenarios -- --write, and read the difference.

for (const file of scenarioFiles()) {
  test(`${file.name} goes as it is written down`, async () => {
    for (const { mode, transcript, faults } of await playFile(file)) {
      assert.deepEqual(faults, [], mode);
      assert.equal(transcript, file.transcripts.get(mode) ?? "", `${mode}: npm run sim:scenarios -- --write`);
    }
  });
}
