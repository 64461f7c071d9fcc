import { door, type Door, type Execution, type RunResult, type ScriptView } from '$lib/api';
import { i18n } from '$lib/i18n/i18n.svelte';
import { session } from './session.svelte';
import { isLive } from './status';
import { toasts } from './toasts.svelte';

/** The template that a run's values are from. */
export interface TemplateRef {
  template_id?: number;
  example?: string;
}

/**
 * Starts scripts and shows their windows. In a browser it opens the tab before
 * it asks the engine, since tabs are blocked outside of a click; a tab has the
 * name of script and project, so that a second run finds the first one's tab.
 * In the desktop program the windows are the program's own.
 */
export class Launcher {
  readonly #door: Door;
  /** What this tab asked for and what waits for room. */
  readonly #queued = new Set<string>();

  constructor(api: Door) {
    this.#door = api;
  }

  run(script: ScriptView, parameters: Record<string, unknown>, from: TemplateRef = {}): Promise<RunResult> {
    const opens = script.interface === 'web' && script.auto_open_interface;
    return this.#launch(opens, this.#tabName(script.id), () =>
      this.#door.call('Executions.Run', {
        script_id: script.id,
        parameters,
        ...from,
        theme: session.settledTheme,
        language: i18n.language,
        open: opens,
      }),
    );
  }

  /** Runs it as soon as there is room; its window opens then. */
  async runQueued(
    script: ScriptView,
    parameters: Record<string, unknown>,
    from: TemplateRef = {},
  ): Promise<RunResult> {
    const opens = script.interface === 'web' && script.auto_open_interface;
    const result = await this.#door.call('Executions.Run', {
      script_id: script.id,
      parameters,
      ...from,
      theme: session.settledTheme,
      language: i18n.language,
      open: opens,
      queue: true,
    });
    this.#tellIgnored(result);
    // The desktop program opens its windows itself.
    if (opens && this.#door.kind === 'browser') {
      this.#queued.add(result.execution.id);
      this.arrived(result.execution);
    }
    return result;
  }

  /** Shows the window of what waited here, once it has been started. */
  arrived(execution: Execution): void {
    if (execution.state === 'queued' || !this.#queued.delete(execution.id)) return;
    if (isLive(execution)) void this.show(execution);
  }

  again(execution: Execution): Promise<RunResult> {
    return this.#launch(execution.has_page, this.#tabName(execution.script_id), () =>
      this.#door.call('Executions.Again', { execution_id: execution.id }),
    );
  }

  /** The same from inside of its window, which then shows the new execution. */
  againHere(execution: Execution, queue = false): Promise<RunResult> {
    return this.#door.call('Executions.Again', { execution_id: execution.id, queue });
  }

  /** Brings the window of an execution to the front, or opens one. */
  async show(execution: Execution): Promise<void> {
    if (this.#door.kind === 'desktop') {
      await this.#door.call('Executions.Raise', { execution_id: execution.id });
      return;
    }
    const tab = window.open('', this.#tabName(execution.script_id));
    if (tab) this.#lead(tab, execution.id);
    else this.#blocked(execution);
  }

  async #launch(opens: boolean, name: string, start: () => Promise<RunResult>): Promise<RunResult> {
    const wanted = opens && this.#door.kind === 'browser';
    const tab = wanted ? window.open('', name) : null;
    const fresh = tab !== null && tab.location.href === 'about:blank';
    try {
      const result = await start();
      this.#tellIgnored(result);
      if (tab) {
        if (result.execution.has_page) this.#lead(tab, result.execution.id);
        else if (fresh) tab.close();
      } else if (wanted && result.execution.has_page) {
        this.#blocked(result.execution);
      }
      return result;
    } catch (thrown) {
      if (fresh) tab.close();
      throw thrown;
    }
  }

  #tabName(scriptId: string): string {
    return `scriptsmanager ${String(session.project?.id ?? 0)} ${scriptId}`;
  }

  #address(id: string): string {
    return new URL(`#/window/${id}`, document.baseURI).href;
  }

  #lead(tab: Window, id: string): void {
    const address = this.#address(id);
    if (tab.location.href !== address) tab.location.replace(address);
    tab.focus();
  }

  /** Values that were given and do not count must not look as if they did. */
  #tellIgnored({ execution, ignored }: RunResult): void {
    if (!ignored) return;
    toasts.show({
      tone: 'warn',
      title: i18n.t('ui.run.ignored', { script: i18n.text(execution.script_name) }),
      text: i18n.t('ui.run.ignored_text'),
      about: `ignored ${execution.id}`,
    });
  }

  #blocked(execution: Execution): void {
    toasts.show({
      tone: 'warn',
      title: i18n.t('ui.run.tab_blocked'),
      text: i18n.t('ui.run.tab_blocked_text'),
      link: { href: this.#address(execution.id), label: i18n.t('ui.run.show_window') },
    });
  }
}

export const launcher = new Launcher(door);
