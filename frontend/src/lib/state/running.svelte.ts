import { asFailure, door, type Correction, type Door, type Execution } from '$lib/api';
import { i18n } from '$lib/i18n/i18n.svelte';
import { jobs } from './jobs.svelte';
import { launcher } from './launcher.svelte';
import { session } from './session.svelte';
import { isLive } from './status';
import { stopDoes } from './stopping';
import { toasts } from './toasts.svelte';

// Ends that a person has just caused are seen where they were caused; telling them again would be noise.
const expected = ['stopped', 'window_closed', 'signed_out', 'quit'];

/** The person's executions that run now, and the notice when one ends. */
export class Running {
  items = $state.raw<Execution[]>([]);
  /** An always-on one that somebody wants to stop: once, or for good? */
  asked = $state.raw<Execution | null>(null);
  readonly #door: Door;

  constructor(api: Door) {
    this.#door = api;
  }

  start(): () => void {
    void this.load();
    const stop = this.#door.listen((event) => {
      if (event.type === 'missed') void this.load();
      else if (event.type === 'execution.changed') this.#take(event.data);
      else if (event.type === 'execution.warned') this.#warn(event.data);
      // Only administrators hear of it.
      else if (event.type === 'system.corrected') this.#correct(event.data);
    });
    return () => {
      stop();
      this.items = [];
      jobs.clear();
    };
  }

  async load(): Promise<void> {
    try {
      const page = await this.#door.call('Executions.List', { states: ['queued', 'running'], limit: 100 });
      this.items = page.items ?? [];
      this.items.forEach((item) => launcher.arrived(item));
      await jobs.living(this.items);
    } catch {
      // The connection's banner says it; the list stays as it was known last.
    }
  }

  /** Does what Stop does now; what is always on asks first whether once or for good. */
  async press(execution: Execution): Promise<void> {
    const does = stopDoes(execution);
    if (execution.always_on && does === 'stop') this.asked = execution;
    else await this.stop(execution.id, does === 'kill');
  }

  async stopOnce(): Promise<void> {
    const asked = this.asked;
    this.asked = null;
    if (asked) await this.stop(asked.id);
  }

  async switchOff(): Promise<void> {
    const id = this.asked?.always_on;
    this.asked = null;
    if (!id) return;
    try {
      await this.#door.call('AlwaysOn.Clear', { id });
    } catch (thrown) {
      toasts.show({ tone: 'bad', title: i18n.t('ui.run.stop_failed'), text: i18n.error(asFailure(thrown)) });
    }
  }

  /** Ends it; `now` without the grace period. A failure is told. */
  async stop(id: string, now = false): Promise<void> {
    try {
      this.#take(await this.#door.call('Executions.Stop', { execution_id: id, now }));
    } catch (thrown) {
      toasts.show({ tone: 'bad', title: i18n.t('ui.run.stop_failed'), text: i18n.error(asFailure(thrown)) });
    }
  }

  /** Takes back the warning that it is about to be ended. A failure is told. */
  async keep(id: string): Promise<void> {
    try {
      this.#take(await this.#door.call('Executions.KeepRunning', { execution_id: id }));
    } catch (thrown) {
      toasts.show({
        tone: 'bad',
        title: i18n.t('ui.warning.keep_failed'),
        text: i18n.error(asFailure(thrown)),
      });
    }
  }

  #warn(execution: Execution): void {
    const { warning } = execution;
    if (!warning || execution.user_id !== session.user?.id) return;
    toasts.show({
      about: warningOf(execution),
      tone: 'warn',
      title: i18n.t('ui.warning.soon', { script: i18n.text(execution.script_name) || execution.script_id }),
      text: i18n.t(`ui.warning.${warning.reason}`, { limit: i18n.duration(warning.seconds * 1000) }),
      link: { href: `#/executions/${execution.id}`, label: i18n.t('ui.warning.show') },
    });
  }

  #take(execution: Execution): void {
    if (execution.user_id !== session.user?.id) return;
    if (!execution.warning || !isLive(execution)) toasts.over(warningOf(execution));
    launcher.arrived(execution);
    jobs.arrived(execution);
    const known = this.items.find((item) => item.id === execution.id);
    const others = this.items.filter((item) => item.id !== execution.id);
    if (isLive(execution)) {
      this.items = known
        ? this.items.map((item) => (item.id === execution.id ? execution : item))
        : [execution, ...others];
      return;
    }
    this.items = others;
    if (known && !expected.includes(execution.reason) && !jobs.shown(execution.id)) this.#tell(execution);
  }

  #correct({ kind, script_id: script, port, pid }: Correction): void {
    const text = i18n.t(`correction.${kind}`, { script: script || '–', port, pid });
    toasts.show({ tone: 'warn', title: i18n.t('ui.everyone.corrected'), text });
  }

  #tell(execution: Execution): void {
    const failed = execution.state === 'failed';
    const text = execution.error
      ? i18n.error(execution.error)
      : i18n.t(`reason.${execution.reason}`, execution.reason_params);
    toasts.show({
      about: `end of ${execution.script_id || execution.id}`,
      tone: failed ? 'bad' : execution.state === 'completed' ? 'ok' : 'warn',
      title: i18n.t('ui.run.told', {
        script: i18n.text(execution.script_name) || execution.script_id,
        state: i18n.t(`state.${execution.state}`),
      }),
      text,
      link: failed ? { href: `#/executions/${execution.id}`, label: i18n.t('ui.run.open_log') } : undefined,
    });
  }
}

const warningOf = (execution: Execution) => `warning of ${execution.id}`;

export const running = new Running(door);
