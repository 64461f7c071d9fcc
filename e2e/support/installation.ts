import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@playwright/test';
import { mentioning } from './processes.ts';

const run = promisify(execFile);

export const password = 'correct horse 7';
export const admin = 'anna';

export type Level = 'viewer' | 'operator' | 'developer' | 'admin';

export interface Options {
  /** Whether the administrator is made before; true unless said otherwise. */
  setup?: boolean;
  /** Accounts besides the administrator's. */
  users?: Record<string, Level>;
  /** Whether the root gets the sample scripts. */
  samples?: boolean;
  /** Files below the folder of script groups, by path. */
  scripts?: Record<string, string>;
  /** Keys of config.json. */
  config?: Record<string, unknown>;
}

export interface Execution {
  id: string;
  script_id: string;
  user: string;
  project: string;
  state: string;
  phase: string;
  reason: string;
  pid: number;
  port: number;
  url: string;
  /** Windows and tabs that show it. */
  attachments: number;
}

const bin = resolve(process.env['SM_BIN'] ?? join(import.meta.dirname, '../../bin'));

// Each installation has ports of its own, so that those of several test runs hardly meet.
let installations = 0;
const portsOfOne = 20;

/** A root of its own in a temporary folder, with `scriptsmanager serve` on it. */
export class Installation {
  readonly #options: Options;
  #folder = '';
  #server: ChildProcess | null = null;
  #output = '';
  #url = '';

  constructor(options: Options) {
    this.#options = options;
  }

  get root(): string {
    return join(this.#folder, 'root');
  }

  /** The home of the account that runs it. */
  get home(): string {
    return join(this.#folder, 'home');
  }

  /** The address that serve printed, with a slash at the end. */
  get url(): string {
    return this.#url;
  }

  async start(): Promise<void> {
    if (!existsSync(join(bin, 'scriptsmanager')))
      throw new Error(`${bin} has no programs: run \`make console\`, or set SM_BIN`);
    this.#folder = mkdtempSync(join(tmpdir(), 'scriptsmanager-e2e-'));
    mkdirSync(this.home);
    mkdirSync(this.root, { recursive: true });
    const first = 31_000 + (process.pid % 17) * 100 + (installations++ % 5) * portsOfOne;
    const config = {
      limits: { grace_seconds: 4, start_seconds: 60 },
      ...this.#options.config,
      web_interface: {
        ...(this.#options.config?.['web_interface'] as object | undefined),
        port_range: { start: first, end: first + portsOfOne - 1 },
      },
    };
    writeFileSync(join(this.root, 'config.json'), JSON.stringify(config));
    // A folder of groups that is there keeps the samples out.
    if (!this.#options.samples) mkdirSync(this.groups, { recursive: true });
    if (this.#options.setup ?? true) {
      await this.cli(['setup', '--admin', admin], { SCRIPTSMANAGER_ADMIN_PASSWORD: password });
      for (const [name, level] of Object.entries(this.#options.users ?? {}))
        await this.cli(['user', 'add', name, '--level', level], { SCRIPTSMANAGER_USER_PASSWORD: password });
    } else if (this.#options.samples) {
      // Any command that opens the root lays the samples down.
      await this.cli(['group', 'list']);
    }
    for (const [path, text] of Object.entries(this.#options.scripts ?? {})) this.write(path, text);
    await this.serve();
  }

  /** Starts the server, on any free port or the one given, and waits for the address that it prints. */
  async serve(port = 0): Promise<void> {
    this.#output = '';
    const server = spawn(
      join(bin, 'scriptsmanager'),
      ['serve', '--root', this.root, '--listen', `127.0.0.1:${port}`],
      { env: this.#environment(), cwd: this.#folder, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    this.#server = server;
    server.stderr.on('data', (data: Buffer) => (this.#output += data.toString()));
    this.#url = await new Promise<string>((done, fail) => {
      let text = '';
      server.stdout.on('data', (data: Buffer) => {
        text += data.toString();
        if (text.includes('\n')) done(text.trim());
      });
      server.once('error', fail);
      server.once('exit', (code) => fail(new Error(`serve ended with ${String(code)}: ${this.#output}`)));
    });
  }

  /** Asks the server to end; it must do so by itself and without an error. */
  async end(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (!server) return;
    const ended = new Promise<number | null>((done) => {
      if (server.exitCode !== null) done(server.exitCode);
      server.once('exit', (code) => done(code));
    });
    server.kill('SIGTERM');
    const stuck = setTimeout(() => server.kill('SIGKILL'), 40_000);
    const code = await ended;
    clearTimeout(stuck);
    expect(code, `serve after SIGTERM: ${this.#output}`).toBe(0);
  }

  /** Ends the server and holds that nothing is left of it: no process, no lease of a port. */
  async stop(): Promise<void> {
    try {
      await this.end();
      await expect.poll(() => mentioning(this.root), { message: 'processes left behind' }).toEqual([]);
      expect(await this.leases(), 'leases of ports left behind').toEqual([]);
    } finally {
      rmSync(this.#folder, { recursive: true, force: true });
    }
  }

  /** The ports that are leased, as the database has them. */
  async leases(): Promise<number[]> {
    const database = join(this.root, 'data', 'scriptsmanager.db');
    if (!existsSync(database)) return [];
    const question =
      'import json, sqlite3, sys\n' +
      'database = sqlite3.connect("file:" + sys.argv[1] + "?mode=ro", uri=True)\n' +
      'rows = database.execute("SELECT port_number FROM port_allocations WHERE status <> \'released\'")\n' +
      'print(json.dumps([row[0] for row in rows]))\n';
    const { stdout } = await run('/usr/bin/python3', ['-c', question, database]);
    return JSON.parse(stdout) as number[];
  }

  /** Runs a command and gives its JSON. */
  async cli<T = unknown>(args: string[], environment: Record<string, string> = {}): Promise<T> {
    const { stdout } = await run(join(bin, 'scriptsmanager'), [...args, '--root', this.root, '--json'], {
      env: { ...this.#environment(), ...environment },
      cwd: this.#folder,
      timeout: 90_000,
    });
    return JSON.parse(stdout) as T;
  }

  /** An execution as the command line shows it. */
  execution(id: string): Promise<Execution> {
    return this.cli<Execution>(['execution', 'show', id]);
  }

  executions(): Promise<Execution[]> {
    return this.cli<Execution[]>(['execution', 'list']);
  }

  /** Writes a file below the folder of script groups, as an engineer drops one there. */
  write(path: string, text: string): void {
    const file = join(this.groups, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }

  get groups(): string {
    return join(this.root, 'app/backend/script_groups');
  }

  #environment(): Record<string, string> {
    return {
      PATH: '/usr/local/bin:/usr/bin:/bin',
      HOME: this.home,
      LANG: 'en_GB.UTF-8',
      TMPDIR: tmpdir(),
    };
  }
}

/** An installation for the tests of one file: started before them, stopped and looked through after them. */
export function installation(options: Options = {}): Installation {
  const one = new Installation(options);
  test.beforeAll(() => one.start());
  test.afterAll(() => one.stop());
  // Late answers find what a test does not wait for: SM_DELAY is by how many milliseconds.
  const delay = Number(process.env['SM_DELAY'] ?? 0);
  if (delay > 0) {
    test.beforeEach(({ context }) =>
      context.route('**/api/call/**', async (route) => {
        await new Promise((done) => setTimeout(done, delay));
        await route.continue().catch(() => undefined); // the page may be gone
      }),
    );
  }
  return one;
}
