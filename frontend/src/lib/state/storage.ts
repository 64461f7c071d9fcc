/** What this browser remembers for the comfort of one person; nothing depends on it, so a refusal is no failure. */
export const remembered = {
  get(key: string): string | null {
    try {
      return localStorage.getItem(`scriptsmanager.${key}`);
    } catch {
      return null;
    }
  },
  /** Storage may be full or forbidden: then it is false, and the next start uses the default. */
  set(key: string, value: string): boolean {
    try {
      localStorage.setItem(`scriptsmanager.${key}`, value);
      return true;
    } catch {
      return false;
    }
  },
  remove(key: string): void {
    try {
      localStorage.removeItem(`scriptsmanager.${key}`);
    } catch {
      // Nothing was kept, then.
    }
  },
};
