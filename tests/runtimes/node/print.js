// Standard output, to the last byte and with its errors: `process.stdout.write` returns before it knows.

import { writeSync } from "node:fs";

/** Returns when all of it has left; throws where it could not. */
export function print(bytes) {
  for (let rest = Buffer.from(bytes); rest.length > 0; ) {
    try {
      rest = rest.subarray(writeSync(1, rest));
    } catch (why) {
      // A pipe that somebody made non-blocking, and that is full.
      if (why.code !== "EAGAIN") throw why;
    }
  }
}
