/**
 * The API server of a lab's cluster, inside a host: serves the objects of a file, writes a kubeconfig that leads to it, and what it was asked for. It ends when the host does.
 * `api-end.ts OBJECTS.json KUBECONFIG ASKED`
 */
import { appendFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { apiServer, authority, removeAuthority, type ApiServerOptions } from '../cluster/api-server.ts';

const [, , objects = '', file = '', asked = ''] = process.argv;
const paths: ApiServerOptions['paths'] = JSON.parse(readFileSync(objects, 'utf8')) as ApiServerOptions['paths'];
const { url } = await apiServer({
  paths,
  odd: (request) => {
    appendFileSync(asked, `${request.url}\n`);
    return false;
  },
});
const cluster = { server: url, 'certificate-authority-data': Buffer.from(authority().cert).toString('base64') };
// The server has them in memory; nothing is left of it when it is killed.
removeAuthority();
const document = {
  apiVersion: 'v1',
  kind: 'Config',
  clusters: [{ name: 'lab', cluster }],
  users: [{ name: 'lab', user: {} }],
  contexts: [{ name: 'lab', context: { cluster: 'lab', user: 'lab' } }],
  'current-context': 'lab',
};
// Whoever waits for the file finds all of it.
writeFileSync(`${file}.new`, JSON.stringify(document), { mode: 0o600 });
renameSync(`${file}.new`, file);
