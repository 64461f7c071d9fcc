import { expect } from '@playwright/test';
import { admin, Installation } from '../support/installation.ts';
import { header } from '../support/scripts.ts';

const text = (en: string, es: string, it: string, fr: string) => ({ en, es, it, fr });
const names = (key: string, en: string, es: string, it: string, fr: string) => ({
  [key]: en,
  [`${key}_es`]: es,
  [`${key}_it`]: it,
  [`${key}_fr`]: fr,
});

const limits = [
  {
    name: 'speed',
    type: 'number',
    label: text('Speed (rpm)', 'Velocidad (rpm)', 'Velocità (giri/min)', 'Vitesse (tr/min)'),
    default: 1450,
    min: 10,
    max: 6000,
  },
  {
    name: 'bearing',
    type: 'select',
    label: text('Bearing', 'Rodamiento', 'Cuscinetto', 'Palier'),
    options: ['6205', '6310', 'NU 214'],
    required: true,
  },
  {
    name: 'samples',
    type: 'integer',
    label: text('Samples', 'Muestras', 'Campioni', 'Échantillons'),
    default: 4096,
    min: 256,
  },
  {
    name: 'report',
    type: 'boolean',
    label: text('Write a report', 'Escribir un informe', 'Scrivere un rapporto', 'Écrire un rapport'),
    default: true,
  },
  {
    name: 'channels',
    type: 'multiselect',
    options: ['X', 'Y', 'Z'],
    label: text('Channels', 'Canales', 'Canali', 'Voies'),
    default: ['X', 'Y'],
  },
  {
    name: 'day',
    type: 'date',
    label: text('Day of measurement', 'Día de la medida', 'Giorno della misura', 'Jour de la mesure'),
    default: '2026-03-14',
  },
];

/** What a team would have: the samples, and a group of its own with scripts in different health. */
export const scripts = {
  'commissioning/metadata.json': JSON.stringify({
    name: text('Commissioning', 'Puesta en marcha', 'Messa in servizio', 'Mise en service'),
    description: text(
      'Checks made on site before a line is handed over',
      'Comprobaciones en planta antes de entregar una línea',
      'Verifiche in cantiere prima della consegna di una linea',
      'Contrôles sur site avant la remise d’une ligne',
    ),
  }),
  'commissioning/flow_balance.py': `${header({
    ...names(
      'display_name',
      'Flow balance',
      'Balance de caudales',
      'Bilancio delle portate',
      'Bilan des débits',
    ),
    ...names(
      'description',
      'Compares the measured flows of a circuit with its design values',
      'Compara los caudales medidos de un circuito con los de diseño',
      'Confronta le portate misurate di un circuito con quelle di progetto',
      'Compare les débits mesurés d’un circuit avec ceux du projet',
    ),
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
    ...names(
      'display_name',
      'Vibration spectrum',
      'Espectro de vibraciones',
      'Spettro delle vibrazioni',
      'Spectre de vibrations',
    ),
    ...names(
      'description',
      'Spectrum and limits of a bearing’s vibration',
      'Espectro y límites de la vibración de un rodamiento',
      'Spettro e limiti delle vibrazioni di un cuscinetto',
      'Spectre et limites des vibrations d’un palier',
    ),
    tags: 'vibration,bearing',
    parameters: JSON.stringify(limits),
    spare: 'a key that nobody knows',
  })}
import scipy_that_nobody_has
`,
  // Long in its start, so that the phases can be seen.
  'commissioning/cold_start.py': `${header({
    ...names('display_name', 'Cold start', 'Arranque en frío', 'Avviamento a freddo', 'Démarrage à froid'),
    interface: 'none',
  })}
import time
print("heating up", flush=True)
for minute in range(600):
    print(f"minute {minute}: {20 + minute * 0.4:.1f} °C", flush=True)
    time.sleep(0.5)
`,
  'commissioning/slow_page.py': `${header({
    ...names('display_name', 'Trend', 'Tendencia', 'Andamento', 'Tendance'),
    execution_timeout: '0',
  })}
import time
print("reading 40,000 samples", flush=True)
time.sleep(600)
`,
  'commissioning/secret.py': `${header({
    ...names('display_name', 'Valve keys', 'Claves de válvulas', 'Chiavi delle valvole', 'Clés des vannes'),
    required_level: 'admin',
  })}
`,
};

/** Runs that people would have made, the ordinary way: by the command line, without windows. */
export async function work(house: Installation): Promise<{ failed: string; lacking: string }> {
  const ended = async (script: string, ...set: string[]) => {
    await house.cli(['run', script, '--as', admin, ...set, '--wait', 'end']).catch(() => undefined);
    const found = (await house.executions()).find((execution) => execution.script_id === script);
    if (!found) throw new Error(`${script} did not run`);
    return found.id;
  };
  const failed = await ended('commissioning/flow_balance');
  const lacking = await ended('commissioning/vibration', '--set', 'bearing=6310');
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
