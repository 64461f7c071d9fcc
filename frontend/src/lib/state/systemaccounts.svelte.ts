import { asFailure, door, type Door, type DoorFailure, type SystemAccounts as Answer } from '$lib/api';

/** Who signs in as the operating system's user; for administrators. */
export class SystemAccounts {
  answer = $state.raw<Answer | null>(null);
  failure = $state.raw<DoorFailure | null>(null);
  busy = $state(false);
  readonly #door: Door;

  constructor(api: Door = door) {
    this.#door = api;
  }

  start(): () => void {
    void this.load();
    return this.#door.listen((event) => {
      const about = event.type === 'system.accounts' || event.type === 'settings.changed';
      if (about || event.type === 'missed' || event.type === 'user.changed') void this.load();
    });
  }

  /** Who it is that the account that ScriptsManager runs in signs in as; 0 is nobody. */
  get user(): number {
    const here = this.answer?.here.id;
    return this.answer?.set?.find((one) => one.account === here)?.user_id ?? 0;
  }

  load(): Promise<void> {
    return this.#do(() => this.#door.call('Users.SystemAccounts'));
  }

  /** Sets it; 0 is nobody. */
  set(userID: number, account?: string): Promise<void> {
    const argument = account ? { account, user_id: userID } : { user_id: userID };
    return this.#do(() => this.#door.call('Users.SetSystemAccount', argument));
  }

  async #do(what: () => Promise<Answer>): Promise<void> {
    this.busy = true;
    try {
      this.answer = await what();
      this.failure = null;
    } catch (thrown) {
      this.failure = asFailure(thrown);
    } finally {
      this.busy = false;
    }
  }
}
