import { writeFileSync } from "node:fs";
import { documentPath, readDocument } from "./document.ts";

// Writes the tables of docs/drain-and-kubectl.md anew, after a scene has changed.
writeFileSync(documentPath, readDocument().wanted);
