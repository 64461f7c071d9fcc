import {
  asFailure,
  door,
  type ContractReport,
  type DocumentView,
  type Door,
  type DoorError,
  type DoorFailure,
  type Execution,
  type Preview,
  type ScriptDetail,
} from '$lib/api';
import { i18n } from '$lib/i18n/i18n.svelte';
import { launcher, type Launcher, type TemplateRef } from './launcher.svelte';
import { session } from './session.svelte';
import { isLive } from './status';

/** One script's page: its details, the values of its form, its document and history, and the start of a run. */
export class ScriptStore {
  detail = $state.raw<ScriptDetail | null>(null);
  failure = $state.raw<DoorFailure | null>(null);
  values = $state.raw<Record<string, unknown>>({});
  /** What the engine said about single fields at the last try. */
  fieldErrors = $state.raw<Record<string, DoorError>>({});
  runFailure = $state.raw<DoorFailure | null>(null);
  approveFailure = $state.raw<DoorFailure | null>(null);
  starting = $state(false);
  /** The template that the values of the form are from. */
  from = $state.raw<TemplateRef>({});
  /** What the last check of the contract found. */
  report = $state.raw<ContractReport | null>(null);
  checkFailure = $state.raw<DoorFailure | null>(null);
  checking = $state(false);
  preview = $state.raw<Preview | null>(null);
  document = $state.raw<DocumentView | null>(null);
  documentFailure = $state.raw<DoorFailure | null>(null);
  history = $state.raw<Execution[] | null>(null);
  historyNext = $state('');
  /** The execution that was started from here last. */
  started = $state.raw<Execution | null>(null);
  readonly #door: Door;
  readonly #launcher: Launcher;
  /** Those that ended while this page was open: what an answer says of them may be older. */
  readonly #ended = new Map<string, Execution>();
  #id = '';
  #spoken = '';
  #chosen = ''; // the document's language
  #check = 0; // counts checks, so that the answer to an old one is known

  constructor(api: Door = door, starter: Launcher = launcher) {
    this.#door = api;
    this.#launcher = starter;
  }

  get running(): Execution[] {
    return this.detail?.running ?? [];
  }

  open(id: string): () => void {
    this.#id = id;
    this.#ended.clear();
    this.detail = null;
    this.values = {};
    this.from = {};
    this.history = null;
    this.document = null;
    this.#chosen = '';
    this.preview = null;
    this.started = null;
    this.fieldErrors = {};
    this.runFailure = null;
    this.approveFailure = null;
    this.report = null;
    this.checkFailure = null;
    this.checking = false;
    this.#check += 1;
    void this.load(true);
    const stop = this.#door.listen((event) => {
      if (event.type === 'missed' || event.type === 'environment.changed') void this.load(false);
      else if (event.type === 'discovery.changed') {
        this.report = null; // of what the script was before
        void this.load(false);
        if (this.document) void this.loadDocument(this.document.requested);
      } else if (event.type === 'document.changed' && event.data.script_id === id) {
        void this.load(false);
        if (this.document) void this.loadDocument(this.document.requested);
      } else if (event.type === 'execution.changed' && this.#isOwn(event.data)) this.#take(event.data);
    });
    return stop;
  }

  async load(withValues: boolean): Promise<void> {
    const id = this.#id;
    try {
      const detail = await this.#door.call('Scripts.Get', { script_id: id });
      if (id !== this.#id) return;
      const running = (detail.running ?? []).filter((item) => !this.#ended.has(item.id));
      this.detail = { ...detail, running };
      this.failure = null;
      if (withValues) this.values = { ...defaults(detail), ...detail.last_parameters };
    } catch (thrown) {
      if (id === this.#id) this.failure = asFailure(thrown);
    }
  }

  change(values: Record<string, unknown>): void {
    const changed = Object.keys(this.fieldErrors).filter((name) => values[name] !== this.values[name]);
    if (changed.length > 0) {
      this.fieldErrors = Object.fromEntries(
        Object.entries(this.fieldErrors).filter(([name]) => !changed.includes(name)),
      );
    }
    this.values = values;
    this.report = null;
    if (this.preview) void this.loadPreview();
  }

  /** Lets the script write into exactly these of the folders that it asks for. */
  async approve(paths: string[]): Promise<void> {
    const id = this.#id;
    try {
      const approvals = await this.#door.call('Scripts.ApprovePaths', { script_id: id, paths });
      if (id !== this.#id || !this.detail) return;
      this.detail = { ...this.detail, paths: approvals };
      this.approveFailure = null;
    } catch (thrown) {
      if (id === this.#id) this.approveFailure = asFailure(thrown);
    }
  }

  /** The values as the script's header sets them. */
  reset(): void {
    this.fill({});
  }

  /** The values of a template, over those of the header. */
  fill(values: Record<string, unknown>, from: TemplateRef = {}): void {
    if (!this.detail) return;
    this.from = from;
    this.change({ ...defaults(this.detail), ...values });
  }

  /** Whether what was refused last may wait for room. */
  get mayQueue(): boolean {
    return this.runFailure?.code === 'too_many_interfaces';
  }

  /** Runs it; `queue` lets it wait where there is no room. */
  async run(queue = false): Promise<void> {
    if (!this.detail || this.starting) return;
    this.starting = true;
    this.runFailure = null;
    this.fieldErrors = {};
    try {
      const { execution } = await (queue
        ? this.#launcher.runQueued(this.detail.script, this.values, this.from)
        : this.#launcher.run(this.detail.script, this.values, this.from));
      const now = this.#ended.get(execution.id) ?? execution;
      this.started = now;
      this.#take(now);
    } catch (thrown) {
      const failure = asFailure(thrown);
      this.fieldErrors = failure.fields;
      this.runFailure = failure;
    } finally {
      this.starting = false;
    }
  }

  /** Runs it once with the values of the form, and looks what of the contract it breaks. */
  async check(): Promise<void> {
    if (!this.detail || this.checking) return;
    const turn = ++this.#check;
    this.checking = true;
    this.checkFailure = null;
    this.fieldErrors = {};
    try {
      const report = await this.#door.call('Scripts.CheckContract', {
        script_id: this.#id,
        parameters: this.values,
        language: i18n.language,
      });
      if (turn === this.#check) this.report = report;
    } catch (thrown) {
      if (turn !== this.#check) return;
      this.report = null;
      this.checkFailure = asFailure(thrown);
      this.fieldErrors = this.checkFailure.fields;
    } finally {
      if (turn === this.#check) this.checking = false;
    }
  }

  async loadPreview(): Promise<void> {
    try {
      this.preview = await this.#door.call('Executions.Preview', {
        script_id: this.#id,
        parameters: this.values,
        language: i18n.language,
      });
    } catch {
      // Values that are not good yet have no command line; the form says what is wrong with them.
      this.preview = { command: [], line: '' };
    }
  }

  closePreview(): void {
    this.preview = null;
  }

  /** The document in the person's language, or in the one chosen for it since that language is shown. */
  openDocument(language: string): void {
    if (this.#spoken !== language) this.#chosen = '';
    this.#spoken = language;
    void this.loadDocument(this.#chosen || language);
  }

  chooseDocument(language: string): void {
    this.#chosen = language;
    void this.loadDocument(language);
  }

  async loadDocument(language: string): Promise<void> {
    const id = this.#id;
    try {
      const document = await this.#door.call('Documents.Get', { script_id: id, language });
      if (id !== this.#id) return;
      this.document = document;
      this.documentFailure = null;
    } catch (thrown) {
      if (id !== this.#id) return;
      this.document = null;
      this.documentFailure = asFailure(thrown);
    }
  }

  async loadHistory(more = false): Promise<void> {
    const id = this.#id;
    try {
      const page = await this.#door.call('Executions.List', {
        script_id: id,
        limit: 25,
        ...(more ? { before: this.historyNext } : {}),
      });
      if (id !== this.#id) return;
      this.history = [...(more ? (this.history ?? []) : []), ...(page.items ?? [])];
      this.historyNext = page.next;
    } catch {
      this.history ??= [];
    }
  }

  /** Others' are heard of as well: by administrators, and where they are shared. */
  #isOwn(execution: Execution): boolean {
    const mine = session.user?.id ?? execution.user_id;
    return execution.script_id === this.#id && execution.user_id === mine;
  }

  #take(execution: Execution): void {
    if (!isLive(execution)) this.#ended.set(execution.id, execution);
    if (this.started?.id === execution.id) this.started = execution;
    if (this.detail) {
      const others = this.running.filter((item) => item.id !== execution.id);
      this.detail = { ...this.detail, running: isLive(execution) ? [execution, ...others] : others };
    }
    if (this.history) {
      this.history = this.history.some((item) => item.id === execution.id)
        ? this.history.map((item) => (item.id === execution.id ? execution : item))
        : [execution, ...this.history];
    }
  }
}

/** The values that a script's parameters start with. */
function defaults(detail: ScriptDetail): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const parameter of detail.script.parameters ?? []) {
    if (parameter.default !== undefined && parameter.default !== null)
      values[parameter.name] = parameter.default;
  }
  return values;
}
