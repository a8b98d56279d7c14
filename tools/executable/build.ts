/** Makes dist/seaworthy, for the processor of this machine, of the bundle in dist; beside it a bill of materials, and the sums of both. */
import { join } from 'node:path';
import { writeExecutable, writeSums } from './write.ts';

const DIST = join(import.meta.dirname, '../../dist');

const made = await writeExecutable(process.arch, DIST, 'seaworthy');
writeSums(DIST, made);
process.stdout.write(`Made in dist: ${[...made, 'SHA256SUMS'].join(', ')} (for ${process.arch}).\n`);
