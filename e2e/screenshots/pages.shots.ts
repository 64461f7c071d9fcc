import { expect, test, type Page } from '@playwright/test';
import { join } from 'node:path';
import { admin, installation, Installation } from '../support/installation.ts';
import { ask, enter, signedIn } from '../support/people.ts';
import { runScript } from '../support/script.ts';
import { header } from '../support/scripts.ts';
import { languages, t, type Language } from '../support/texts.ts';

const folder = join(import.meta.dirname, '../../test-results/screenshots');
const sizes = [
  { width: 1024, height: 640 },
  { width: 1920, height: 1080 },
];
const themes = ['light', 'dark'] as const;
type Theme = (typeof themes)[number];

const house = installation({
  samples: true,
  users: { 'm.rossi': 'operator', 'c.dupont': 'developer', 'j.garcia': 'viewer' },
  scripts: {
    'commissioning/metadata.json': JSON.stringify({
      name: {
        en: 'Commissioning',
        es: 'Puesta en marcha',
        it: 'Messa in servizio',
        fr: 'Mise en service',
      },
      description: {
        en: 'Checks made on site before a line is handed over',
        es: 'Comprobaciones en planta antes de entregar una línea',
        it: 'Verifiche in cantiere prima della consegna di una linea',
        fr: 'Contrôles sur site avant la remise d’une ligne',
      },
    }),
    'commissioning/flow_balance.py': `${header({
      display_name: 'Flow balance',
      display_name_es: 'Balance de caudales',
      display_name_it: 'Bilancio delle portate',
      display_name_fr: 'Bilan des débits',
      description: 'Compares the measured flows of a circuit with its design values',
      description_es: 'Compara los caudales medidos de un circuito con los de diseño',
      description_it: 'Confronta le portate misurate di un circuito con quelle di progetto',
      description_fr: 'Compare les débits mesurés d’un circuit avec ceux du projet',
      interface: 'none',
      tags: 'flow,water,acceptance',
    })}
import sys
print("circuit CW-12: 8 measuring points", flush=True)
for point, design, measured in ((1, 4.2, 4.18), (2, 4.2, 4.24), (3, 3.1, 3.07), (4, 2.8, 0.0)):
    print(f"point {point}: design {design:.2f} m3/h, measured {measured:.2f} m3/h", flush=True)
    if not measured:
        print(f"WARNING: no flow at point {point}", file=sys.stderr, flush=True)
    deviation = (design - measured) / measured * 100
    print(f"         deviation {deviation:+.1f} %", flush=True)
`,
    'commissioning/vibration.py': `${header({
      display_name: 'Vibration spectrum',
      display_name_es: 'Espectro de vibraciones',
      display_name_it: 'Spettro delle vibrazioni',
      display_name_fr: 'Spectre de vibrations',
      description: 'Spectrum and limits of a bearing’s vibration',
      description_es: 'Espectro y límites de la vibración de un rodamiento',
      description_it: 'Spettro e limiti delle vibrazioni di un cuscinetto',
      description_fr: 'Spectre et limites des vibrations d’un palier',
      tags: 'vibration,bearing',
    })}
import scipy_that_nobody_has
`,
  },
});

/** Runs that people would have made, the ordinary way: by the command line, without windows. */
async function work(): Promise<{ failed: string; lacking: string }> {
  const end = (args: string[]) => house.cli(['run', ...args, '--wait', 'end']).catch(() => undefined);
  const ended = async (script: string) => {
    await end([script, '--as', admin]);
    const found = (await house.executions()).find((execution) => execution.script_id === script);
    if (!found) throw new Error(`${script} did not run`);
    return found.id;
  };
  const failed = await ended('commissioning/flow_balance');
  const lacking = await ended('commissioning/vibration');
  for (const [script, user, value] of [
    ['thermal_analysis/heat_transfer', admin, 'area=24'],
    ['thermal_analysis/heat_transfer', 'm.rossi', 'area=16.5'],
    ['data_analysis/csv_summary', admin, ''],
    ['system/disk_use', admin, ''],
  ] as const) {
    const { execution_id: id } = await house.cli<{ execution_id: string }>([
      'run',
      script,
      '--as',
      user,
      ...(value ? ['--set', value] : []),
    ]);
    await expect.poll(async () => (await house.execution(id)).phase).toBe('ready');
    await house.cli(['stop', id]);
  }
  return { failed, lacking };
}

async function shoot(page: Page, name: string, theme: Theme, language: Language): Promise<void> {
  for (const size of sizes) {
    await page.setViewportSize(size);
    await expect(page.locator('.row-shape')).toHaveCount(0);
    await page.screenshot({
      path: join(folder, `${size.width}x${size.height}`, theme, `${name}-${language}.png`),
      animations: 'disabled',
    });
  }
}

async function prefer(page: Page, theme: Theme, language: Language): Promise<void> {
  const token = await signedIn(page.request, house);
  const answer = await ask(page.request, house, token, 'Session.SetPreferences', { theme, language });
  expect(answer.ok()).toBe(true);
}

test('every page, and the window of a script', async ({ browser, request }) => {
  const { failed, lacking } = await work();
  const token = await signedIn(request, house);
  for (const name of ['Line 4 – Parma', 'Filler 12/48 upgrade'])
    await ask(request, house, token, 'Projects.Create', { name });
  for (const theme of themes) {
    for (const language of languages) {
      const context = await browser.newContext({ reducedMotion: 'reduce', colorScheme: theme });
      const page = await context.newPage();
      await prefer(page, theme, language);
      const text = (key: string, params = {}) => t(key, params, language);
      await enter(page, house, admin, '', language);

      const go = async (name: string, path: string) => {
        await page.goto(`${house.url}#/${path}`);
        await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
        await shoot(page, name, theme, language);
      };
      await go('02-dashboard', '');
      await go('03-group', 'groups/thermal_analysis');
      await go('04-script', 'scripts/thermal_analysis/heat_transfer');
      await page.getByRole('tab', { name: text('ui.script.history') }).click();
      await shoot(page, '05-script-history', theme, language);

      const tab = await runScript(page, language);
      await expect(tab.frame.locator('svg.plot').first()).toBeVisible();
      await shoot(tab.page, '06-window', theme, language);
      await tab.page.getByRole('button', { name: text('ui.window.log') }).click();
      await shoot(tab.page, '07-window-log', theme, language);
      await page.bringToFront();
      await shoot(page, '08-script-running', theme, language);
      await tab.page.bringToFront();
      await tab.page.getByRole('button', { name: text('ui.run.stop') }).click();
      await expect(tab.page.getByRole('heading', { level: 2 })).toBeVisible();
      await shoot(tab.page, '09-window-ended', theme, language);
      await tab.page.close();
      await page.bringToFront();

      await go('10-executions', 'executions');
      await go('11-execution-failed', `executions/${failed}`);
      await go('12-execution-lacking', `executions/${lacking}`);
      await page.goto(`${house.url}#/window/${failed}`);
      await expect(page.getByRole('heading', { level: 2 })).toBeVisible();
      await shoot(page, '13-window-failed', theme, language);
      await go('14-environments', 'environments');
      await go('15-users', 'users');
      await page.getByRole('button', { name: text('ui.users.add') }).click();
      await shoot(page, '16-users-add', theme, language);
      await go('17-account', 'account');
      await go('18-not-found', 'nowhere');
      await go('19-palette', '');
      await page.keyboard.press('Control+k');
      await shoot(page, '19-palette', theme, language);
      await page.keyboard.press('Escape');
      await page.keyboard.press('?');
      await shoot(page, '20-keys', theme, language);
      await page.keyboard.press('Escape');
      await page
        .getByRole('button', { name: text('ui.project.current', { project: 'project_default' }) })
        .click();
      await shoot(page, '21-projects', theme, language);
      await context.close();

      const gate = await (
        await browser.newContext({ reducedMotion: 'reduce', colorScheme: theme, locale: language })
      ).newPage();
      await gate.goto(house.url);
      await expect(gate.getByRole('heading', { name: text('ui.sign_in.title') })).toBeVisible();
      await shoot(gate, '01-sign-in', theme, language);
      await gate.context().close();
    }
  }
});

test('the first start', async ({ browser }) => {
  const fresh = new Installation({ setup: false, samples: true });
  await fresh.start();
  try {
    for (const theme of themes) {
      for (const language of languages) {
        const context = await browser.newContext({
          reducedMotion: 'reduce',
          colorScheme: theme,
          locale: language,
        });
        const page = await context.newPage();
        const text = (key: string, params = {}) => t(key, params, language);
        await page.goto(fresh.url);
        await expect(page.getByRole('heading', { name: text('ui.wizard.title') })).toBeVisible();
        await shoot(page, '00-wizard-1', theme, language);
        await page.getByRole('button', { name: text('ui.wizard.next') }).click();
        await shoot(page, '00-wizard-2', theme, language);
        await page.getByRole('button', { name: text('ui.wizard.next') }).click();
        await shoot(page, '00-wizard-3', theme, language);
        await context.close();
      }
    }
  } finally {
    await fresh.stop();
  }
});
