import { writeFileSync } from "node:fs";
import { documentPath, readDocument } from "./document.ts";

// Writes the tables of docs/internals/least-privilege.md anew, after a row of the suite has changed.
writeFileSync(documentPath, readDocument().wanted);
