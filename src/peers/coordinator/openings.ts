import { intersect } from '../../values/port-range.ts';
import type { Members } from './members.ts';
import type { Opened, Opening } from '../messages/protocol.ts';

/** Ports that machines hold open for a while. */
export interface Openings {
  /** What became of a port range of a machine, in parts. */
  of(machine: string, opening: Opening): readonly Opened[];
  /** The same asked once more: what holds a port can change within a run. Empty when the machine cannot be asked. */
  again(machine: string, opening: Opening): Promise<readonly Opened[]>;
  shut(): Promise<void>;
}

export interface Wanted {
  readonly machine: string;
  readonly opening: Opening;
}

/** Asks every machine for its ports, side by side. */
export async function openAll(members: Members, run: string, wanted: readonly Wanted[]): Promise<Openings> {
  const byMachine = Map.groupBy(wanted, ({ machine }) => machine);
  const asked = [...byMachine].map(([machine, own]) => [machine, distinct(own.map(({ opening }) => opening))] as const);
  const opened = new Map(
    await Promise.all(
      asked.map(async ([machine, openings]) => {
        const answer = await members.call(machine, 'open', { run, openings });
        return [machine, answer?.opened ?? []] as const;
      }),
    ),
  );
  return {
    of: (machine, { protocol, address, ports }) =>
      (opened.get(machine) ?? []).flatMap((each) => {
        const part = intersect(each.ports, ports);
        return each.protocol === protocol && each.address === address && part !== null
          ? [{ ...each, ports: part }]
          : [];
      }),
    again: async (machine, opening) =>
      (await members.call(machine, 'open', { run, openings: [opening] }))?.opened ?? [],
    shut: async () => {
      await Promise.all(asked.map(([machine, openings]) => members.call(machine, 'shut', { run, openings })));
    },
  };
}

function distinct(openings: readonly Opening[]): Opening[] {
  return [...new Map(openings.map((each) => [JSON.stringify(each), each])).values()];
}
