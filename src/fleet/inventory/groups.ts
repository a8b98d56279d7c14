import { PlanError } from '../../plan/errors.ts';
import { circleIn, depthsOf, withContainers, type Containers } from './nesting.ts';

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
    const containers = this.#containers();
    const circle = circleIn(containers);
    if (circle !== null) throw new PlanError('bad-document', inventory, containsItself(circle));
    const direct = new Map([...this.#hosts.keys()].map((name): [string, string[]] => [name, [ALL]]));
    for (const [group, { hosts }] of this.#groups) for (const host of hosts) direct.get(host)?.push(group);
    const depths = depthsOf(containers);
    const fromOutside = [...containers.keys()].sort((a, b) => {
      const deeper = (depths.get(a) ?? 0) - (depths.get(b) ?? 0) || this.#priority(a) - this.#priority(b);
      return deeper === 0 ? (a < b ? -1 : 1) : deeper;
    });
    const rank = new Map(fromOutside.map((group, index) => [group, index]));
    return [...this.#hosts].map(([name, own]) => {
      const groups = [...withContainers(direct.get(name) ?? [], containers)].sort(
        (a, b) => (rank.get(a) ?? 0) - (rank.get(b) ?? 0),
      );
      // The nearer one counts: all, then groups from the outside in, by priority and name where they are side by side, then the host.
      const variables = groups.flatMap((group) => [...this.group(group).variables]);
      return { name, groups, variables: new Map([...variables, ...own]) };
    });
  }

  #priority(group: string): number {
    const said = this.#groups.get(group)?.variables.get('ansible_group_priority')?.text ?? '';
    return /^[-+]?\d{1,9}$/.test(said) ? Number(said) : 1;
  }

  /** Every group is in `all`, whether that is said or not. */
  #containers(): Containers {
    const containers = new Map<string, Set<string>>([[ALL, new Set()]]);
    for (const [name, { children }] of this.#groups)
      for (const each of [name, ...children]) if (!containers.has(each)) containers.set(each, new Set([ALL]));
    for (const [name, { children }] of this.#groups) for (const child of children) containers.get(child)?.add(name);
    return containers;
  }
}

function containsItself([group, ...by]: readonly [string, ...string[]]): string {
  return `group ${group} contains itself${by.length === 0 ? '' : `, by way of ${by.join(', ')}`}`;
}
