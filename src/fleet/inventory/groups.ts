import { PlanError } from '../../plan/errors.ts';

/** A variable of an inventory as text, with where it stands. */
export interface Variable {
  readonly text: string;
  /** `hosts.ini:3`, for messages. */
  readonly place: string;
}

export type Variables = ReadonlyMap<string, Variable>;

interface Group {
  readonly hosts: Set<string>;
  readonly children: Set<string>;
  readonly variables: Map<string, Variable>;
}

/** A host with all that holds for it: groups that it is in, whether directly or not, and its variables by Ansible's precedence. */
export interface Host {
  readonly name: string;
  readonly groups: readonly string[];
  readonly variables: Variables;
}

/** Every host is in it. */
const ALL = 'all';

/** Hosts and groups as an inventory names them, whatever form it has. */
export class Groups {
  readonly #groups = new Map<string, Group>();
  readonly #hosts = new Map<string, Map<string, Variable>>();

  /** Makes it where it is not there. */
  group(name: string): Group {
    const group = this.#groups.get(name) ?? { hosts: new Set(), children: new Set(), variables: new Map() };
    this.#groups.set(name, group);
    return group;
  }

  has(group: string): boolean {
    return this.#groups.has(group);
  }

  addHost(name: string, group: string, variables: Variables): void {
    this.group(group).hosts.add(name);
    this.#hosts.set(name, new Map([...(this.#hosts.get(name) ?? []), ...variables]));
  }

  /** In the order in which they are named. Throws a PlanError where a group contains itself. */
  hosts(inventory: string): Host[] {
    const depths = this.#depths(inventory);
    const members = new Map<string, ReadonlySet<string>>();
    return [...this.#hosts].map(([name, own]) => {
      const groups = [...depths]
        .filter(([group]) => group === ALL || this.#members(group, members).has(name))
        .sort(([a, depth], [b, other]) => depth - other || (a < b ? -1 : 1))
        .map(([group]) => group);
      // The nearer one counts: all, then groups from the outside in, by name where they are side by side, then the host.
      const variables = groups.flatMap((group) => [...this.group(group).variables]);
      return { name, groups, variables: new Map([...variables, ...own]) };
    });
  }

  /** Hosts of a group and of those in it; each group is asked once, however many it is in. */
  #members(group: string, known: Map<string, ReadonlySet<string>>): ReadonlySet<string> {
    const before = known.get(group);
    if (before !== undefined) return before;
    const { hosts, children } = this.group(group);
    const all = new Set([...hosts, ...[...children].flatMap((child) => [...this.#members(child, known)])]);
    known.set(group, all);
    return all;
  }

  /** The longest way from the outermost group to each. */
  #depths(inventory: string): Map<string, number> {
    const depths = new Map([[ALL, 0]]);
    const descend = (name: string, depth: number, above: readonly string[]) => {
      if (above.includes(name))
        throw new PlanError('bad-document', inventory, `group ${name} contains itself, by way of ${above.join(', ')}`);
      if ((depths.get(name) ?? -1) >= depth && depth > 0) return;
      depths.set(name, depth);
      for (const child of this.group(name).children) descend(child, depth + 1, [...above, name]);
    };
    descend(ALL, 0, []);
    for (const name of this.#groups.keys()) if (name !== ALL) descend(name, 1, [ALL]);
    return depths;
  }
}
