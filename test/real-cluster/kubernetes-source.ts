import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { runGo, sourceDirectory } from './run-go.ts';

const DEBIAN = 'bookworm';
/** Of Debian's source package: what is kept goes by it. */
export const SOURCE = '1.20.5+really1.20.2-1.1+deb12u1';
/** Where Debian's package golang-github-modern-go-reflect2-dev puts it. */
export const REFLECT2 = '/usr/share/gocode/src/github.com/modern-go/reflect2';

/** The directory of the source below `kept`, where Go without modules looks for it, with all that it needs to be built. */
export function kubernetesSource(kept: string, say: (line: string) => void): string {
  const tree = sourceDirectory(kept);
  if (!existsSync(tree)) {
    say(`fetching Debian's source package kubernetes ${SOURCE} (35 MB)`);
    unpack(kept, tree);
  }
  if (!existsSync(join(tree, 'pkg/generated/openapi/zz_generated.openapi.go'))) {
    say('generating what the source package has not');
    renewReflect2(tree);
    runGo(kept, 'sh', '-ec', GENERATE_OPENAPI);
  }
  return tree;
}

function unpack(kept: string, tree: string): void {
  mkdirSync(dirname(tree), { recursive: true });
  const unpacking = mkdtempSync(join(kept, 'unpacking-'));
  try {
    fetchSource(unpacking);
    const [unpacked] = readdirSync(unpacking, { withFileTypes: true }).filter(
      (entry) => entry.isDirectory() && entry.name.startsWith('kubernetes-'),
    );
    if (unpacked === undefined) throw new Error('apt-get source left no directory kubernetes-*');
    renameSync(join(unpacking, unpacked.name), tree);
  } finally {
    rmSync(unpacking, { recursive: true, force: true });
  }
}

/** The machine's own lists of packages name no source packages, and stay as they are. */
function fetchSource(directory: string): void {
  for (const name of ['lists/partial', 'sources']) mkdirSync(join(directory, name), { recursive: true });
  for (const [name, text] of sourceLists()) writeFileSync(join(directory, 'sources', name), text);
  const configuration = join(directory, 'apt.conf');
  writeFileSync(
    configuration,
    `Dir::Etc::SourceList "/dev/null";
Dir::Etc::SourceParts "${directory}/sources";
Dir::State::Lists "${directory}/lists";
Dir::Cache::srcpkgcache "";
Dir::Cache::pkgcache "";
APT::Sandbox::User "root";
`,
  );
  const apt = (...args: string[]) =>
    execFileSync('apt-get', ['-qq', ...args], {
      cwd: directory,
      env: { ...process.env, APT_CONFIG: configuration },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  apt('update');
  apt('source', `kubernetes=${SOURCE}`);
}

/** Where the machine has Debian's packages from, made to name source packages: by file name. */
function sourceLists(): [name: string, text: string][] {
  const files = globSync(['/etc/apt/sources.list', '/etc/apt/sources.list.d/*.{list,sources}']);
  const debian = files
    .map((path): [string, string] => [basename(path), readFileSync(path, 'utf8')])
    .filter(([, text]) => text.includes(`${DEBIAN} `) || text.includes(`${DEBIAN}\n`));
  if (debian.length === 0)
    throw new Error(`Kubernetes is built of a source package of Debian ${DEBIAN}, and apt has no list of it`);
  return debian.map(([name, text]) => [
    name.replace(/^sources\.list$/, 'main.list'),
    text.replaceAll(/^Types:.*$/gm, 'Types: deb-src').replaceAll(/^deb\s/gm, 'deb-src '),
  ]);
}

/** That of the source is older than Go 1.18, with which it reads beyond the iterator of a map. Debian has a newer one, too. */
function renewReflect2(tree: string): void {
  const vendored = join(tree, 'vendor/github.com/modern-go/reflect2');
  rmSync(vendored, { recursive: true });
  cpSync(REFLECT2, vendored, { recursive: true });
}

/** One file of Go that the source has not, and the API server wants: `make` would generate it so, after an hour of other work. */
const GENERATE_OPENAPI = `
dirs=$(grep -Rl --include='*.go' '^// *+k8s:openapi-gen=' vendor/k8s.io/ pkg/ |
  grep -Ev '/zz_generated|^vendor/k8s.io/(code-generator|sample-apiserver|kube-openapi|gengo)/' | xargs -n1 dirname | sort -u)
go run ./vendor/k8s.io/kube-openapi/cmd/openapi-gen --logtostderr -i "$(echo "$dirs" | sed 's|^|k8s.io/kubernetes/|' | paste -sd,)" \
  -p k8s.io/kubernetes/pkg/generated/openapi -O zz_generated.openapi -h hack/boilerplate/boilerplate.generatego.txt -r /dev/null
`;
