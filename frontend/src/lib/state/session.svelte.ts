import {
  asFailure,
  door,
  type Door,
  type DoorFailure,
  type Execution,
  type Language,
  type Level,
  type Project,
  type SessionState,
  type Theme,
} from '$lib/api';
import { i18n, isLanguage } from '$lib/i18n/i18n.svelte';
import { levels } from '$lib/levels';
import { remembered } from './storage';
import { followUse } from './use';

const dark = window.matchMedia('(prefers-color-scheme: dark)');

/** Who is signed in, with which project, language and theme. It applies language and theme to the page. */
export class Session {
  state = $state.raw<SessionState | null>(null);
  /** Why the state could not be had at the start. */
  failure = $state.raw<DoorFailure | null>(null);
  /** Nobody used it, so whose page this is must sign in again; what is shown stays below. */
  locked = $state(false);
  connected = $state(true);
  projects = $state.raw<Project[]>([]);
  #theme = $state<Theme>('system');
  #systemDark = $state(dark.matches);
  readonly #door: Door;

  constructor(api: Door) {
    this.#door = api;
    dark.addEventListener('change', (event) => {
      this.#systemDark = event.matches;
      this.#paint();
    });
  }

  get user() {
    return this.state?.user ?? null;
  }

  get project() {
    return this.state?.project ?? null;
  }

  get theme(): Theme {
    return this.#theme;
  }

  /** The theme as it is seen: "system" settled. */
  get settledTheme(): 'light' | 'dark' {
    if (this.#theme !== 'system') return this.#theme;
    return this.#systemDark ? 'dark' : 'light';
  }

  get product(): string {
    return this.state?.product || 'SIDEL ScriptsManager';
  }

  atLeast(level: Level): boolean {
    return this.user !== null && levels.indexOf(this.user.level) >= levels.indexOf(level);
  }

  /** Whether an execution is the person's to stop, run again and the like; others' may be looked at only. */
  mayEnd(execution: Pick<Execution, 'user_id'>): boolean {
    return !this.user || this.user.id === execution.user_id || this.atLeast('admin');
  }

  /** Asks who is signed in, and follows what ends or changes that. Gives back how to stop following. */
  start(): () => void {
    void this.load();
    const stops = [
      followUse(this.#door, () => this.user !== null && !this.locked),
      this.#door.watch((yes) => (this.connected = yes)),
      this.#door.listen((event) => {
        if (event.type === 'session.ended' || event.type === 'session.changed' || event.type === 'missed')
          void this.load();
        else if (event.type === 'project.changed') {
          void this.loadProjects();
          // It may be the one that is worked in, or another window of this session has chosen it.
          if (event.data.user_id === this.user?.id) void this.load();
        } else if (event.type === 'user.changed' && event.data.id === this.user?.id) void this.load();
      }),
    ];
    return () => stops.forEach((stop) => stop());
  }

  async load(): Promise<void> {
    try {
      await this.#take(await this.#door.call('Session.State'));
      this.failure = null;
    } catch (thrown) {
      this.failure = asFailure(thrown);
      if (!this.state) await this.#useLanguage(this.#firstLanguage());
    }
  }

  async signIn(name: string, password: string): Promise<void> {
    await this.#take(await this.#door.call('Session.SignIn', { name, password }));
  }

  /** Signs in as the operating system's user, where an administrator has said who that is. */
  async signInSystem(): Promise<void> {
    try {
      await this.#take(await this.#door.call('Session.SignInSystem'));
    } catch (thrown) {
      void this.load(); // it may have been taken back
      throw thrown;
    }
  }

  /** Fails with interfaces_running while scripts run and `stopRunning` is false. */
  async signOut(stopRunning: boolean): Promise<void> {
    await this.#take(await this.#door.call('Session.SignOut', { stop_running: stopRunning }));
  }

  async createAdministrator(name: string, password: string): Promise<void> {
    const argument = { name, password, language: i18n.language, theme: this.theme };
    try {
      await this.#take(await this.#door.call('Setup.CreateAdministrator', argument));
    } catch (thrown) {
      if (asFailure(thrown).code === 'setup_done') void this.load(); // on to the sign-in
      throw thrown;
    }
  }

  /** Changes at once on screen; is kept with the account, or before signing in with this browser. */
  async setLanguage(language: Language): Promise<void> {
    remembered.set('language', language);
    await i18n.use(language);
    if (this.user) await this.#take(await this.#door.call('Session.SetPreferences', { language }));
  }

  async setTheme(theme: Theme): Promise<void> {
    remembered.set('theme', theme);
    this.#theme = theme;
    this.#paint();
    if (this.user) await this.#take(await this.#door.call('Session.SetPreferences', { theme }));
  }

  async setProject(id: number): Promise<void> {
    await this.#take(await this.#door.call('Session.SetProject', { project_id: id }));
  }

  async loadProjects(): Promise<void> {
    if (!this.user) return;
    try {
      this.projects = (await this.#door.call('Projects.List')) ?? [];
    } catch {
      this.projects = this.project ? [this.project] : [];
    }
  }

  async createProject(name: string, description: string): Promise<void> {
    const project = await this.#door.call('Projects.Create', { name, description });
    await this.setProject(project.id);
    await this.loadProjects();
  }

  async #take(state: SessionState): Promise<void> {
    const before = this.user?.id;
    // Who signs in again goes on where the page was left, with what was typed there.
    this.locked = !state.user && before !== undefined && (state.idle === true || this.locked);
    if (this.locked && this.state) {
      this.state = { ...this.state, system_user: state.system_user };
      return;
    }
    const theme = state.user ? state.theme : remembered.get('theme');
    this.#theme = theme === 'light' || theme === 'dark' ? theme : 'system';
    this.#paint();
    await this.#useLanguage(
      state.user && isLanguage(state.language) ? state.language : this.#firstLanguage(state.language),
    );
    this.state = state;
    if (state.user && state.user.id !== before) void this.loadProjects();
    if (!state.user) this.projects = [];
  }

  #firstLanguage(offered?: string): Language {
    for (const wish of [
      remembered.get('language'),
      ...navigator.languages.map((tag) => tag.slice(0, 2)),
      offered,
    ]) {
      if (isLanguage(wish)) return wish;
    }
    return 'en';
  }

  async #useLanguage(language: Language): Promise<void> {
    await i18n.use(language);
  }

  #paint(): void {
    document.documentElement.dataset['bsTheme'] = this.settledTheme;
  }
}

export const session = new Session(door);
