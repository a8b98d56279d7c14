import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject, test, vi } from 'vitest';
import { answering } from '../../src/serve/answers.ts';
import { openServer } from '../../src/serve/http-server.ts';
import { check, FAILED, finding, node, report } from '../report/given.ts';
import { runsOf } from '../serve/given.ts';
import { inBrowser, type Tab } from './browser.ts';

/** A directory to look at the pictures: they are written there when it is named. */
const PICTURES = process.env['SEAWORTHY_PICTURES'];

const HOSTILE = '<img src=x onerror="document.title=1"><script>document.title=2</script>';

const ILL = report(
  [
    check('kernel/ip-forward', [FAILED, finding({ ...FAILED, subject: HOSTILE, message: HOSTILE })]),
    check('kernel/modules', [finding({ status: 'unknown', reason: 'fact-denied', message: 'x'.repeat(3_000) })]),
    check('time/sync', [finding({ status: 'warn', reason: 'unsynchronised', remedy: { text: 'Keep it.' } })]),
    check('host/swap', [finding(), finding({ status: 'skip', reason: 'other-role' })]),
  ],
  { nodes: [node(`w1${HOSTILE}`, { self: true })] },
);

/** Contrast of each text with what is behind it, by https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio: the least of them. */
const LEAST_CONTRAST = `(() => {
  const parts = (color) => color.match(/[\\d.]+/g).map(Number);
  const light = (color) => {
    const [r, g, b] = parts(color).map((each) => each / 255).map((each) => (each <= 0.04045 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    const color = getComputedStyle(element).backgroundColor;
    return parts(color)[3] === 0 && element.parentElement ? behind(element.parentElement) : color;
  };
  const texts = [...document.body.querySelectorAll('*')].filter((each) => [...each.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== ''));
  return Math.min(...texts.map((each) => {
    const [a, b] = [light(getComputedStyle(each).color), light(behind(each))].sort((x, y) => y - x);
    return (a + 0.05) / (b + 0.05);
  }));
})()`;

async function look(tab: Tab, url: string, scheme: 'light' | 'dark', width: number): Promise<void> {
  await tab.send('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: scheme }] });
  await tab.send('Emulation.setDeviceMetricsOverride', {
    width,
    height: 900,
    deviceScaleFactor: 1,
    mobile: width < 500,
  });
  const loads = () => tab.events.filter(({ method }) => method === 'Page.loadEventFired').length;
  const before = loads();
  await tab.send('Page.navigate', { url });
  await vi.waitFor(() => expect(loads()).toBe(before + 1), { timeout: 10_000 });
  await tab.evaluate("document.querySelectorAll('details').forEach((each) => (each.open = true))");
}

test('the page in a browser: light, dark, and as wide as a phone', { timeout: 60_000 }, async ({ skip }) => {
  const missing = inject('browserMissing');
  if (missing !== null) skip(missing);
  const runs = () => runsOf({ last: { report: ILL, fine: false } });
  const answer = answering({ runs, neighbourhood: () => null, stale: 600_000, verbose: false, local: true });
  const server = await openServer({ address: '127.0.0.1', port: 0, answer });
  const url = `http://127.0.0.1:${server.port}/`;
  try {
    await inBrowser(async (tab) => {
      for (const domain of ['Page', 'Network', 'Log', 'Runtime']) await tab.send(`${domain}.enable`);
      const papers = new Set<unknown>();
      for (const [scheme, width] of [
        ['light', 1_200],
        ['dark', 1_200],
        ['light', 360],
        ['dark', 360],
      ] as const) {
        await look(tab, url, scheme, width);
        expect(await tab.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
        expect(await tab.evaluate(LEAST_CONTRAST)).toBeGreaterThanOrEqual(4.5);
        papers.add(await tab.evaluate('getComputedStyle(document.body).backgroundColor'));
        // What was meant as markup is text.
        expect(await tab.evaluate('document.title')).toContain(HOSTILE);
        expect(await tab.evaluate("document.querySelectorAll('img, script, iframe').length")).toBe(0);
        expect(await tab.evaluate("document.querySelectorAll('article').length")).toBe(4);
        if (PICTURES === undefined) continue;
        const { data } = await tab.send('Page.captureScreenshot', { captureBeyondViewport: true });
        writeFileSync(join(PICTURES, `serve-${scheme}-${width}.png`), Buffer.from(String(data), 'base64'));
      }
      expect(papers.size).toBe(2);
      const loaded = tab.events.filter(({ method }) => method === 'Network.requestWillBeSent');
      expect(new Set(loaded.map(({ params }) => params['documentURL']))).toEqual(new Set([url]));
      expect(loaded.length).toBe(4);
      expect(
        tab.events.filter(({ method }) => method === 'Log.entryAdded' || method === 'Runtime.exceptionThrown'),
      ).toEqual([]);
    });
  } finally {
    await server.close();
  }
});
