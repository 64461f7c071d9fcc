import { expect, test } from '@playwright/test';
import { installation } from '../support/installation.ts';
import { enter } from '../support/people.ts';
import { openScript, runScript } from '../support/script.ts';
import { header, pageScript } from '../support/scripts.ts';
import { t } from '../support/texts.ts';

// SEC-4, WIN-7: what a real browser sends of one script's page to another.

const guarded = `${header({ display_name: 'Guarded page' })}
import argparse
from flask import Flask, request
parser = argparse.ArgumentParser()
parser.add_argument("--port", type=int)
args, rest = parser.parse_known_args()
app = Flask(__name__)
answered = []

@app.after_request
def count(response):
    answered.append(request.path)
    return response

@app.route("/")
def index():
    return """<!doctype html><title>x</title><h1>Guarded</h1><p id="own"></p>
<script>fetch("/data").then((r) => r.text()).then((text) => { document.getElementById("own").textContent = text; });</script>"""

@app.route("/data")
def data():
    return "read by the page itself"

@app.route("/answered")
def told():
    return " ".join(answered)

app.run(host="127.0.0.1", port=args.port)
`;

const house = installation({
  scripts: {
    'bench/guarded.py': guarded,
    'bench/neighbour.py': pageScript({ display_name: 'Neighbour' }),
  },
});

test("a script's page is shown and works, and gives another script's page nothing", async ({
  page,
  request,
}) => {
  await enter(page, house);
  await openScript(page, house, 'bench/guarded', 'Guarded page');
  const tab = await runScript(page);
  await expect(tab.frame.getByRole('heading', { name: 'Guarded' })).toBeVisible();
  await expect(tab.frame.getByText('read by the page itself')).toBeVisible();
  const url = (await house.executions()).find((one) => one.id === tab.id)?.url ?? '';
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);

  await openScript(page, house, 'bench/neighbour', 'Neighbour');
  const neighbour = await runScript(page);
  const body = neighbour.frame.locator('body');
  await expect(neighbour.frame.getByRole('heading')).toBeVisible();
  const got = await body.evaluate(async (element, address) => {
    const read = (path: string, mode: RequestMode) =>
      fetch(address + path, { mode }).then(
        async (answer) => `${answer.type} ${await answer.text()}`,
        () => 'failed',
      );
    const image = new Promise((done) => {
      const picture = new Image();
      picture.onload = () => done('loaded');
      picture.onerror = () => done('failed');
      picture.src = `${address}image`;
    });
    const socket = new Promise((done) => {
      const channel = new WebSocket(`${address.replace('http', 'ws')}socket`);
      channel.onopen = () => done('open');
      channel.onerror = () => done('failed');
    });
    const frame = document.createElement('iframe');
    const loaded = new Promise((done) => frame.addEventListener('load', done));
    frame.src = `${address}?framed`;
    element.append(frame);
    await loaded;
    return [await read('cors', 'cors'), await read('no-cors', 'no-cors'), await image, await socket];
  }, url);
  expect(got).toEqual(['failed', 'opaque ', 'failed', 'failed']);
  // The frame's page is an error of the browser's own.
  const shown = neighbour.page.frames().filter((frame) => frame.parentFrame()?.parentFrame());
  expect(shown.map((frame) => frame.url())).toEqual(['chrome-error://chromewebdata/']);

  const wrong: Record<string, string>[] = [
    { Host: 'rebound.example' },
    { Origin: 'http://evil.example' },
    { Origin: 'null' },
  ];
  for (const headers of wrong) {
    expect((await request.get(`${url}by-hand`, { headers })).status()).toBe(403);
  }
  const answered = (await (await request.get(`${url}answered`)).text()).split(' ');
  expect(answered.filter((path) => path !== '/' && path !== '/data' && path !== '/favicon.ico')).toEqual([]);
  await Promise.all([tab.page.close(), neighbour.page.close()]);
});

test("an administrator switches the guard of a script's page", async ({ page }) => {
  await enter(page, house);
  await openScript(page, house, 'bench/guarded', 'Guarded page');
  await page.getByRole('button', { name: t('ui.guard.on') }).click();
  await expect(page.getByText(t('ui.guard.warning'))).toBeVisible();
  await page.getByRole('switch', { name: t('ui.guard.switch') }).click();
  await page.getByRole('button', { name: t('ui.action.close'), exact: true }).click();
  await expect(page.getByRole('button', { name: t('ui.guard.off') })).toBeVisible();
  await page.reload();
  await page.getByRole('button', { name: t('ui.guard.off') }).click();
  await page.getByRole('switch', { name: t('ui.guard.switch') }).click();
  await page.getByRole('button', { name: t('ui.action.close'), exact: true }).click();
  await expect(page.getByRole('button', { name: t('ui.guard.on') })).toBeVisible();
});
