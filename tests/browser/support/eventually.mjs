// Waiting for what must come to be, on a machine that may be busy: long, but never for nothing.

import {setTimeout as later} from 'node:timers/promises';

export const kPatienceMs = Number(process.env.COMET_PATIENCE_S ?? 120) * 1000;

// Asks until `condition` holds.
export async function eventually(condition, what) {
  const end = Date.now() + kPatienceMs;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`in vain: ${what}`);
    await later(20);
  }
}
