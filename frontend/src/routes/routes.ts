import type { RouteDefinition } from 'svelte-spa-router';
import Account from './Account.svelte';
import Administration from './Administration.svelte';
import Audit from './Audit.svelte';
import Dashboard from './Dashboard.svelte';
import Data from './Data.svelte';
import DataUse from './DataUse.svelte';
import Discovery from './Discovery.svelte';
import DocumentEdit from './DocumentEdit.svelte';
import DocumentStatus from './DocumentStatus.svelte';
import Enforcement from './Enforcement.svelte';
import Environment from './Environment.svelte';
import Environments from './Environments.svelte';
import Execution from './Execution.svelte';
import Executions from './Executions.svelte';
import Group from './Group.svelte';
import Logs from './Logs.svelte';
import NotFound from './NotFound.svelte';
import Permissions from './Permissions.svelte';
import Projects from './Projects.svelte';
import Running from './Running.svelte';
import Script from './Script.svelte';
import Scripts from './Scripts.svelte';
import Settings from './Settings.svelte';
import Setup from './Setup.svelte';
import Statistics from './Statistics.svelte';
import SystemLogs from './SystemLogs.svelte';
import Templates from './Templates.svelte';
import Users from './Users.svelte';
import Window from './Window.svelte';

/** The pages inside of the frame. */
export const routes: RouteDefinition = {
  '/': Dashboard,
  '/groups/:id': Group,
  '/scripts': Scripts,
  '/scripts/:group/:name': Script,
  '/scripts/:group/:name/document/:language': DocumentEdit,
  '/executions': Executions,
  '/executions/:id': Execution,
  '/logs': Logs,
  '/logs/:id': Logs,
  '/statistics': Statistics,
  '/data': Data,
  '/data/:project': Data,
  '/projects': Projects,
  '/templates': Templates,
  '/environments': Environments,
  '/environments/:path': Environment,
  '/account': Account,
  '/running': Running,
  '/confinement': Enforcement,
  '/users': Users,
  '/permissions': Permissions,
  '/settings': Settings,
  '/setup': Setup,
  '/audit': Audit,
  '/administration': Administration,
  '/data-use': DataUse,
  '/discovery': Discovery,
  '/document-status': DocumentStatus,
  '/system-logs': SystemLogs,
  '*': NotFound,
};

/** The page that fills a tab of its own: a script's window. */
export const windowRoutes: RouteDefinition = { '/window/:id': Window };
