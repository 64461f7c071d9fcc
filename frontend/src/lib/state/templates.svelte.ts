import {
  asFailure,
  door,
  type Door,
  type DoorError,
  type DoorFailure,
  type Execution,
  type SaveTemplateRequest,
  type TemplateView,
} from '$lib/api';
import { i18n } from '$lib/i18n/i18n.svelte';
import type { TemplateRef } from './launcher.svelte';

/** What tells templates apart: the number of a kept one, the file of an example. */
export function templateKey(template: { id: number; example?: string }): string {
  return template.id ? String(template.id) : (template.example ?? '');
}

/** What a template is called, an example in the chosen language. */
export function templateName(template: TemplateView): string {
  return (template.title && i18n.text(template.title)) || template.name;
}

/** The template that an execution was started from, in words; '' is none. */
export function templateText(execution: Execution): string {
  const from = execution.template;
  if (!from) return '';
  return from.changed ? i18n.t('ui.template.changed_from', { name: from.name }) : from.name;
}

/** What is wrong with the name, and with values, of one that was not saved; the rest is `failure`. */
export function templateFields(failure: DoorError | null): {
  name?: DoorError;
  values: Record<string, DoorError>;
} {
  const fields = failure?.fields ?? {};
  return { name: fields['name'], values: fields['parameters']?.fields ?? {} };
}

/** The templates of one script, or of all, and the one that is chosen. */
export class TemplatesStore {
  items = $state.raw<TemplateView[] | null>(null);
  failure = $state.raw<DoorFailure | null>(null);
  saving = $state(false);
  saveFailure = $state.raw<DoorFailure | null>(null);
  /** The chosen one, as it was when it was chosen or saved. */
  chosen = $state.raw<TemplateView | null>(null);
  /** What the chosen one was called that is not there any more, or not offered; '' is none. */
  gone = $state('');
  /** What was not saved since somebody else had saved it meanwhile. */
  refused = $state.raw<SaveTemplateRequest | null>(null);
  readonly #door: Door;
  #scriptId = '';
  #user = '';

  constructor(api: Door = door) {
    this.#door = api;
  }

  /** Follows the templates of a script, '' is of all, until the function that it gives back is called. */
  open(scriptId = ''): () => void {
    this.#scriptId = scriptId;
    this.items = null;
    this.chosen = null;
    this.gone = '';
    this.forget();
    void this.load();
    return this.#door.listen((event) => {
      const about = event.type === 'discovery.changed' || event.type === 'always_on.changed';
      if (about || event.type === 'template.changed' || event.type === 'missed') void this.load();
    });
  }

  /** Shows all of another user's, for administrators; '' is the own ones and those that are offered. */
  async of(user: string): Promise<void> {
    this.#user = user;
    this.items = null;
    await this.load();
  }

  async load(): Promise<void> {
    const [scriptId, user] = [this.#scriptId, this.#user];
    const still = () => scriptId === this.#scriptId && user === this.#user;
    try {
      const items = await this.#door.call('Templates.List', {
        ...(scriptId ? { script_id: scriptId } : {}),
        ...(user ? { user } : {}),
      });
      if (!still()) return;
      this.items = items ?? [];
      this.failure = null;
      this.#letGo();
    } catch (thrown) {
      if (still()) this.failure = asFailure(thrown);
    }
  }

  /** A run cannot say that it is from what is not there. */
  #letGo(): void {
    const chosen = this.chosen;
    if (!chosen || this.items?.some((one) => templateKey(one) === templateKey(chosen))) return;
    this.gone = templateName(chosen);
    this.chosen = null;
  }

  /** What somebody else saved, where one's own was refused for it. */
  get theirs(): TemplateView | undefined {
    return this.items?.find((one) => this.refused?.id && one.id === this.refused.id);
  }

  /** The chosen one as somebody saved it since. */
  get newer(): TemplateView | undefined {
    const chosen = this.chosen;
    return chosen?.id
      ? this.items?.find((one) => one.id === chosen.id && one.version > chosen.version)
      : undefined;
  }

  /** What a run with the chosen one says that it is from. */
  get from(): TemplateRef {
    if (!this.chosen) return {};
    return this.chosen.id ? { template_id: this.chosen.id } : { example: this.chosen.example };
  }

  /** Chooses one of the list; '' is none. */
  choose(key: string): TemplateView | null {
    this.forget();
    this.gone = '';
    this.chosen = (key && this.items?.find((one) => templateKey(one) === key)) || null;
    return this.chosen;
  }

  /** What went wrong with what was to be saved is of no matter any more. */
  forget(): void {
    this.saveFailure = null;
    this.refused = null;
  }

  /** Keeps a new one, or changes one; tells whether that was done. It is the chosen one then. */
  async save(request: SaveTemplateRequest): Promise<boolean> {
    this.saving = true;
    this.forget();
    try {
      const saved = await this.#door.call('Templates.Save', {
        ...(request.id ? {} : { script_id: this.#scriptId }),
        ...request,
      });
      this.chosen = saved;
      this.gone = '';
      await this.load();
      return true;
    } catch (thrown) {
      const failure = asFailure(thrown);
      // What is offered against the other's needs it in the list.
      await this.load();
      this.saveFailure = failure;
      if (failure.code === 'template_changed') this.refused = request;
      return false;
    } finally {
      this.saving = false;
    }
  }

  /** Saves what was refused over what the other one saved. */
  async saveOver(): Promise<boolean> {
    const [request, theirs] = [this.refused, this.theirs];
    if (!request || !theirs) return false;
    return this.save({ ...request, version: theirs.version });
  }

  /** Tells whether it was deleted; if not, `saveFailure` says why. */
  async remove(template: TemplateView): Promise<boolean> {
    this.saving = true;
    this.forget();
    try {
      await this.#door.call('Templates.Delete', { id: template.id });
      if (this.chosen?.id === template.id) this.chosen = null;
      return true;
    } catch (thrown) {
      this.saveFailure = asFailure(thrown);
      return false;
    } finally {
      this.saving = false;
      await this.load();
    }
  }
}
