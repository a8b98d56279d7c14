import { spawn } from 'node:child_process';
import { stringify } from 'yaml';
import { expect } from 'vitest';
import * as z from 'zod';
import type { Host } from './lab.ts';

/** A series at one moment. */
interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Prometheus {
  /** What an expression gives now. Rejects where it is none. */
  query(expression: string): Promise<readonly Sample[]>;
  /** Values that a label of these series has. */
  labelValues(label: string, series: string): Promise<readonly string[]>;
}

/** A real one on a host, which ends with it; it asks `serve` of these nodes every second, and calls each by its name as the PodMonitor does. */
export async function startPrometheus(host: Host, addresses: ReadonlyMap<string, string>): Promise<Prometheus> {
  const targets = [...addresses].map(([instance, address]) => ({
    targets: [`${address}:10778`],
    labels: { instance },
  }));
  const scrape = { job_name: 'seaworthy/seaworthy', static_configs: targets };
  host.write('/run/prometheus.yml', stringify({ global: { scrape_interval: '1s' }, scrape_configs: [scrape] }));
  const [command = '', ...entering] = host.entering;
  const options = ['--config.file=/run/prometheus.yml', '--storage.tsdb.path=/run/prometheus'];
  spawn(command, [...entering, 'prometheus', ...options, '--web.listen-address=127.0.0.1:9090'], { stdio: 'ignore' });
  const ask = async (path: string, parameters: Readonly<Record<string, string>>) => {
    const url = `http://127.0.0.1:9090/api/v1/${path}?${new URLSearchParams(parameters).toString()}`;
    return answer.parse(JSON.parse(await host.sh(`curl -s '${url}'`)));
  };
  await expect.poll(() => host.sh('curl -sf http://127.0.0.1:9090/-/ready'), { timeout: 30_000 }).toContain('Ready');
  return {
    query: async (expression) => {
      const { data } = vector.parse(await ask('query', { query: expression }));
      return data.result.map(({ metric, value: [, value] }) => ({ labels: metric, value: Number(value) }));
    },
    labelValues: async (label, series) => strings.parse(await ask(`label/${label}/values`, { 'match[]': series })).data,
  };
}

const answer = z.looseObject({ status: z.literal('success') });
const strings = z.looseObject({ data: z.array(z.string()) });
const vector = z.looseObject({
  data: z.object({
    resultType: z.literal('vector'),
    result: z.array(z.object({ metric: z.record(z.string(), z.string()), value: z.tuple([z.number(), z.string()]) })),
  }),
});
