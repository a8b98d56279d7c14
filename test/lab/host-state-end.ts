import { readFileSync, writeFileSync } from 'node:fs';
import * as z from 'zod';
import { hostStateSchema, readHostState } from '../../src/pods/host/host-state.ts';
import { putBack } from '../../src/pods/undo/put-back.ts';
import type { Ours } from '../../src/pods/remainders/found.ts';
import { liveSystem } from '../../src/system/live.ts';

/** A process inside a host: `look FILE OURS` keeps what the host is like, `put-back FILE OURS` makes it so again and prints what came of it. */

const [command, file = '', text = ''] = process.argv.slice(2);
const ours = z.custom<Ours>().parse(JSON.parse(text));
const system = liveSystem();
const { signal } = new AbortController();

if (command === 'look') writeFileSync(file, JSON.stringify(await readHostState(system, ours, null, signal)));
else {
  const before = hostStateSchema().parse(JSON.parse(readFileSync(file, 'utf8')));
  console.log(JSON.stringify(await putBack(system, before, ours, null, signal)));
}
