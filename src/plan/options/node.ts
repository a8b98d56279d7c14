import { DEFAULT_CNI_BIN_DIR, DEFAULT_CNI_CONF_DIR } from '../../kubernetes/cni.ts';
import { oneOfEachFamily, toAbsolutePath, toNodeIp, toNodeName, unique } from '../value-parsers.ts';
import { last, list, option } from './define-option.ts';
import type { Option } from './option.ts';
import { ONE_MACHINE } from './taken-by.ts';

/** What is true of one node. */
export const NODE_OPTIONS: readonly Option[] = [
  option({
    name: 'cni-conf-dir',
    setting: 'cniConfDir',
    hint: 'DIR',
    help: 'where the runtime looks for network configurations',
    commands: ONE_MACHINE,
    parse: (texts) => ({ cniConfDir: toAbsolutePath(last(texts)) }),
    write: ({ cniConfDir }) => cniConfDir ?? DEFAULT_CNI_CONF_DIR,
  }),
  option({
    name: 'cni-bin-dir',
    setting: 'cniBinDir',
    hint: 'DIR',
    help: 'where the runtime looks for network plugins',
    commands: ONE_MACHINE,
    parse: (texts) => ({ cniBinDir: toAbsolutePath(last(texts)) }),
    write: ({ cniBinDir }) => cniBinDir ?? DEFAULT_CNI_BIN_DIR,
  }),
  option({
    name: 'cri-socket',
    setting: 'criSocket',
    hint: 'PATH',
    help: 'socket of the container runtime; found unless said',
    commands: ONE_MACHINE,
    parse: (texts) => ({ criSocket: toAbsolutePath(last(texts)) }),
    write: ({ criSocket }) => criSocket,
  }),
  option({
    name: 'node-ip',
    setting: 'nodeIp',
    hint: 'IP',
    repeatable: 'values',
    help: 'address of this node in the cluster; one of each family for dual stack',
    commands: ONE_MACHINE,
    parse: (texts) => ({ nodeIp: oneOfEachFamily(unique(texts.map(toNodeIp))) }),
    write: ({ nodeIp }) => list(nodeIp),
  }),
  option({
    name: 'node-name',
    setting: 'nodeName',
    hint: 'NAME',
    help: 'name of this node in the cluster; the host name unless said',
    commands: ONE_MACHINE,
    parse: (texts) => ({ nodeName: toNodeName(last(texts)) }),
    write: ({ nodeName }) => nodeName,
  }),
];
