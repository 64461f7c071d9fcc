/** The pages for administrators: address, icon, and the key of the name under `ui.nav` and of what it is for under `ui.administration`. */
export const administrationPages = [
  { href: '/running', icon: 'activity', key: 'running' },
  { href: '/users', icon: 'people', key: 'users' },
  { href: '/permissions', icon: 'key', key: 'permissions' },
  { href: '/settings', icon: 'gear', key: 'settings' },
  { href: '/setup', icon: 'list-check', key: 'setup' },
  { href: '/data-use', icon: 'hdd', key: 'data_use' },
  { href: '/discovery', icon: 'search', key: 'discovery' },
  { href: '/document-status', icon: 'file-earmark-text', key: 'document_status' },
  { href: '/confinement', icon: 'shield-lock', key: 'enforcement' },
  { href: '/audit', icon: 'journal-text', key: 'audit' },
  { href: '/system-logs', icon: 'file-earmark-code', key: 'system_logs' },
] as const;
