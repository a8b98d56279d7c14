import { DELEGATES } from '../kubernetes/cni.ts';
import { isPluginType, type PluginConfig } from '../kubernetes/cni/config-list.ts';

export type ProgramRole = 'plugin' | 'ipam' | 'delegate';

/** Every program that plugins run, once, with its most direct role: they themselves, what gives addresses, and what they call by their own choice. */
export function chainPrograms(plugins: readonly PluginConfig[]): Map<string, ProgramRole> {
  const found = new Map<string, ProgramRole>();
  const add = (type: string, role: ProgramRole) => {
    if (!found.has(type) && isPluginType(type)) found.set(type, role);
  };
  for (const { type } of plugins) add(type, 'plugin');
  for (const { ipamType } of plugins) if (ipamType !== null) add(ipamType, 'ipam');
  for (const { type } of plugins) for (const delegate of DELEGATES[type] ?? []) add(delegate, 'delegate');
  return found;
}

/** Every type that a plugin's object names at any depth (`ipam`, `delegate`, `delegates` …), and those that it calls by its own choice. */
export function callableTypes({ type, raw }: PluginConfig): Set<string> {
  const found = new Set<string>(DELEGATES[type]);
  const todo: unknown[] = [raw];
  while (todo.length > 0) {
    const value = todo.pop();
    if (typeof value !== 'object' || value === null) continue;
    if ('type' in value && typeof value.type === 'string' && isPluginType(value.type)) found.add(value.type);
    for (const inner of Object.values(value)) todo.push(inner);
  }
  return found;
}
