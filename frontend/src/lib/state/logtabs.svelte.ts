import { door, type Door, type Execution } from '$lib/api';
import type { KeptView } from '$lib/components/log/kept';
import { i18n } from '$lib/i18n/i18n.svelte';
import { toasts } from './toasts.svelte';

/** So many logs are open at most. */
export const tabsMost = 12;

export interface LogTab {
  id: string;
  /** null: not known yet, or not there any more. */
  execution: Execution | null;
  /** Whether output came since it was looked at. */
  fresh: boolean;
}

/** The logs that a person has open side by side, and how each was looked at; a page that loads again finds them. */
export class LogTabs {
  tabs = $state.raw<LogTab[]>([]);
  /** The one that is shown; '' while none is. */
  shown = $state('');
  readonly #door: Door;
  #key = '';
  // By execution, the one that was looked at last at the end.
  readonly #views = new Map<string, KeptView | undefined>();

  constructor(api: Door) {
    this.#door = api;
  }

  /** Keeps the tabs of a person until what is given back is called. */
  start(userId: number): () => void {
    this.#key = `scriptsmanager.logs.${String(userId)}`;
    for (const id of this.#kept()) this.#add(id);
    const stop = this.#door.listen((event) => {
      if (event.type === 'missed') this.tabs.forEach(({ id }) => void this.#load(id));
      else if (event.type === 'execution.output') this.#output(event.data.execution_id);
      else if (event.type === 'execution.changed' && this.#has(event.data.id))
        this.#change(event.data.id, { execution: event.data });
    });
    return () => {
      stop();
      this.tabs = [];
      this.#views.clear();
    };
  }

  /** The one that was looked at last. */
  get last(): string {
    return [...this.#views.keys()].at(-1) ?? '';
  }

  /** Shows a log, in a tab of its own, until what is given back is called. */
  show(id: string): () => void {
    this.#add(id);
    this.shown = id;
    const view = this.#views.get(id);
    this.#views.delete(id);
    this.#views.set(id, view);
    this.#change(id, { fresh: false });
    this.#bound();
    this.#keep();
    return () => {
      if (this.shown === id) this.shown = '';
    };
  }

  /** Closes a tab; gives the one beside it, or '' where there is none. */
  close(id: string): string {
    const at = this.tabs.findIndex((tab) => tab.id === id);
    this.tabs = this.tabs.filter((tab) => tab.id !== id);
    this.#views.delete(id);
    this.#keep();
    return (this.tabs[at] ?? this.tabs.at(-1))?.id ?? '';
  }

  closeAll(): void {
    this.tabs = [];
    this.#views.clear();
    this.#keep();
  }

  view(id: string): KeptView | undefined {
    return this.#views.get(id);
  }

  keepView(id: string, view: KeptView): void {
    if (this.#views.has(id)) this.#views.set(id, view);
  }

  #has(id: string): boolean {
    return this.tabs.some((tab) => tab.id === id);
  }

  #add(id: string): void {
    if (this.#has(id)) return;
    this.tabs = [...this.tabs, { id, execution: null, fresh: false }];
    this.#views.set(id, undefined);
    void this.#load(id);
  }

  /** Closes what was not looked at for longest, and says so. */
  #bound(): void {
    while (this.tabs.length > tabsMost) {
      const [oldest = ''] = this.#views.keys();
      const execution = this.tabs.find(({ id }) => id === oldest)?.execution;
      this.close(oldest);
      const script = i18n.text(execution?.script_name) || execution?.script_id || oldest;
      toasts.show({
        tone: 'ok',
        title: i18n.t('ui.logtabs.most', { script }),
        text: i18n.t('ui.logtabs.most_text', { maximum: tabsMost }),
      });
    }
  }

  #change(id: string, change: Partial<LogTab>): void {
    this.tabs = this.tabs.map((tab) => (tab.id === id ? { ...tab, ...change } : tab));
  }

  #output(id: string): void {
    const tab = this.tabs.find((one) => one.id === id);
    // Output may come many times a second: only the first makes a difference.
    if (tab && !tab.fresh && id !== this.shown) this.#change(id, { fresh: true });
  }

  async #load(id: string): Promise<void> {
    try {
      const execution = await this.#door.call('Executions.Get', { execution_id: id });
      this.#change(id, { execution });
    } catch {
      // Its page says what is the matter.
    }
  }

  #kept(): string[] {
    try {
      const ids: unknown = JSON.parse(sessionStorage.getItem(this.#key) ?? '[]');
      return Array.isArray(ids) ? ids.filter((id) => typeof id === 'string').slice(0, tabsMost) : [];
    } catch {
      return [];
    }
  }

  #keep(): void {
    try {
      sessionStorage.setItem(this.#key, JSON.stringify(this.tabs.map(({ id }) => id)));
    } catch {
      // Then they are open until the page is loaded again.
    }
  }
}

export const logTabs = new LogTabs(door);
