import type { RouteDefinition } from 'svelte-spa-router';
import Home from './Home.svelte';

export const routes: RouteDefinition = { '*': Home };
