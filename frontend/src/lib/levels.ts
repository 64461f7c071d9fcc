import type { Level } from '$lib/api/types';

/** All levels of accounts, from who may do least on. */
export const levels: readonly Level[] = ['viewer', 'operator', 'developer', 'admin'];
