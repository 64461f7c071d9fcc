/** What this browser remembers for the comfort of one person; nothing depends on it, so a refusal is no failure. */
export const remembered = {
  get(key: string): string | null {
    try {
      return localStorage.getItem(`scriptsmanager.${key}`);
    } catch {
      return null;
    }
  },
  set(key: string, value: string): void {
    try {
      localStorage.setItem(`scriptsmanager.${key}`, value);
    } catch {
      // Storage may be full or forbidden; then the next start uses the default.
    }
  },
};
