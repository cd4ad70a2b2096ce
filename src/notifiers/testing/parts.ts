import { machineClock } from "../../host/clock.ts";
import { machineRandom } from "../../host/random.ts";
import { machineStreams } from "../../host/network/stream.ts";
import { WebError } from "../../ports/web.ts";
import type { ServiceParts } from "../service.ts";

/** What services need, all of it real but the web: a test that wants one brings its own. */
export function serviceParts(own: Partial<ServiceParts> = {}): ServiceParts {
  return {
    web: () => Promise.reject(new WebError("this test has no web")),
    openStream: machineStreams(),
    clock: machineClock(),
    random: machineRandom(),
    ...own,
  };
}
