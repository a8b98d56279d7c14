import type { Node } from '../../engine/node.ts';
import type { Settings } from '../../plan/settings.ts';

/** Where Services have NodePorts already thousands of listeners would be in their way, unless somebody asks for just that. */
export function opensNodePorts({ stage }: Pick<Node, 'stage'>, { only }: Pick<Settings, 'only'>): boolean {
  return stage === 'fresh' || only.includes('ports/node-ports-reachable');
}
