import { check } from './commands/check.ts';
import { DEFAULTS } from '../plan/defaults.ts';
import type { Origin, Settings } from '../plan/settings.ts';

// Replaced by the table of commands and options.
const origins = new Proxy({} as Record<keyof Settings, Origin>, { get: () => 'default' });
const args = process.argv.slice(2);
const after = (name: string) => args.flatMap((arg, index) => (args[index - 1] === name ? [arg] : []));
process.exitCode = await check({ settings: { ...DEFAULTS, only: after('--only'), root: after('--root')[0] ?? null }, origins });
