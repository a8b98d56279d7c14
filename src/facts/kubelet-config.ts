import * as z from 'zod';
import { SystemError, type System } from '../system/system.ts';
import { parseYaml } from '../values/yaml.ts';
import { defineFact } from './define-fact.ts';
import { kubeletFlags } from './parts/kubelet-flags.ts';

const FILE = '/var/lib/kubelet/config.yaml';
const KUBEADM_FLAGS = '/var/lib/kubelet/kubeadm-flags.env';
/** Where Debian's and Red Hat's packages let an administrator add arguments: https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/kubelet-integration/ */
const EXTRA_FLAGS = ['/etc/default/kubelet', '/etc/sysconfig/kubelet'];
/** A real one has less than 10 kB. */
const LIMIT = 256 * 1024;

const text = z.string().nullable();
const port = z.number().nullable();
const flag = z.boolean().nullable();

const schema = () =>
  z.object({
    present: z.boolean().describe(`${FILE} exists`),
    failSwapOn: flag.describe('failSwapOn; null where the file does not say, as of all here'),
    memorySwapBehavior: text.describe('memorySwap.swapBehavior'),
    cgroupDriver: text.describe('cgroupDriver'),
    failCgroupV1: flag.describe('failCgroupV1'),
    resolvConf: text.describe('resolvConf: the file from which pods get their name servers'),
    containerRuntimeEndpoint: text.describe('containerRuntimeEndpoint'),
    protectKernelDefaults: flag.describe('protectKernelDefaults'),
    address: text.describe('address: where the kubelet serves'),
    port: port.describe('port: where the kubelet serves'),
    healthzPort: port.describe('healthzPort; 0 is off'),
    healthzBindAddress: text.describe('healthzBindAddress'),
    readOnlyPort: port.describe('readOnlyPort; 0 is off'),
    clusterDNS: z.array(z.string()).nullable().describe('clusterDNS: name servers of pods'),
    podCIDR: text.describe('podCIDR, without an API server alone'),
    staticPodPath: text.describe('staticPodPath'),
    evictionHard: z.record(z.string(), z.string()).nullable().describe('evictionHard: signals, and what must be left'),
    mergeDefaultEvictionSettings: flag.describe(
      'mergeDefaultEvictionSettings: whether thresholds that evictionHard leaves out keep their defaults',
    ),
    flags: z
      .record(z.string(), z.string())
      .describe(
        'arguments that override the file, of those that are judged; from kubeadm-flags.env and then extraFlags',
      ),
    extraFlags: z
      .record(z.string(), z.string())
      .describe(
        'those of KUBELET_EXTRA_ARGS in /etc/default/kubelet or /etc/sysconfig/kubelet, which kubeadm leaves alone',
      ),
  });

/** What is read of the document: a member of another type is as if it were not there. */
const documentSchema = () => {
  const anyText = z.string().nullish().catch(null);
  const anyNumber = z.int().nullish().catch(null);
  const anyFlag = z.boolean().nullish().catch(null);
  return z.object({
    failSwapOn: anyFlag,
    memorySwap: z.object({ swapBehavior: anyText }).nullish().catch(null),
    cgroupDriver: anyText,
    failCgroupV1: anyFlag,
    resolvConf: anyText,
    containerRuntimeEndpoint: anyText,
    protectKernelDefaults: anyFlag,
    address: anyText,
    port: anyNumber,
    healthzPort: anyNumber,
    healthzBindAddress: anyText,
    readOnlyPort: anyNumber,
    clusterDNS: z.array(z.string()).nullish().catch(null),
    podCIDR: anyText,
    staticPodPath: anyText,
    evictionHard: z.record(z.string(), z.string()).nullish().catch(null),
    mergeDefaultEvictionSettings: anyFlag,
  });
};

type Document = z.infer<ReturnType<typeof documentSchema>>;

export default defineFact({
  title: 'the kubelet’s configuration',
  schema,
  read: async (system) => {
    const [file, kubeadmFlags, extraFlags] = await Promise.all([
      system.readTextIfThere(FILE, LIMIT),
      flagsOf(system, [KUBEADM_FLAGS]),
      flagsOf(system, EXTRA_FLAGS),
    ]);
    // Building the schema costs more than all else here: a machine without the file does not need it.
    const document: Document = file === null ? {} : documentSchema().parse(await documentOf(file));
    return {
      present: file !== null,
      failSwapOn: document.failSwapOn ?? null,
      memorySwapBehavior: document.memorySwap?.swapBehavior ?? null,
      cgroupDriver: document.cgroupDriver ?? null,
      failCgroupV1: document.failCgroupV1 ?? null,
      resolvConf: document.resolvConf ?? null,
      containerRuntimeEndpoint: document.containerRuntimeEndpoint ?? null,
      protectKernelDefaults: document.protectKernelDefaults ?? null,
      address: document.address ?? null,
      port: document.port ?? null,
      healthzPort: document.healthzPort ?? null,
      healthzBindAddress: document.healthzBindAddress ?? null,
      readOnlyPort: document.readOnlyPort ?? null,
      clusterDNS: document.clusterDNS ?? null,
      podCIDR: document.podCIDR ?? null,
      staticPodPath: document.staticPodPath ?? null,
      evictionHard: document.evictionHard ?? null,
      mergeDefaultEvictionSettings: document.mergeDefaultEvictionSettings ?? null,
      flags: { ...kubeadmFlags, ...extraFlags },
      extraFlags,
    };
  },
});

async function flagsOf(system: System, files: readonly string[]): Promise<Record<string, string>> {
  const texts = await Promise.all(files.map((file) => system.readTextIfThere(file, LIMIT)));
  return kubeletFlags(texts.join('\n'));
}

/** An empty file is an empty configuration; the kubelet starts with its defaults. */
async function documentOf(file: string): Promise<object> {
  const parsed = await parseYaml(file);
  if (parsed === null) throw new SystemError('error', `${FILE}: it is not YAML`);
  const document = parsed.document ?? {};
  if (typeof document !== 'object' || Array.isArray(document))
    throw new SystemError('error', `${FILE}: it is not a KubeletConfiguration`);
  return document;
}
