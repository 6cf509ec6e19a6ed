// A server for the tests: auscultd on free ports, data in a temporary folder, gone when it is stopped.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const checkout = resolve(__dirname, '..', '..');

/** Folder of auscultd and auscult: E2E_BIN, else the newest kind of build that is there. */
export function binFolder(): string {
  const folders = process.env.E2E_BIN
    ? [process.env.E2E_BIN]
    : ['dev', 'release'].map((preset) => join(checkout, 'build', preset, 'bin'));
  const found = folders.find((folder) => existsSync(join(folder, 'auscultd')));
  if (!found) throw new Error(`no auscultd in ${folders.join(' or ')}; build it first: ./dev build dev`);
  return found;
}

export interface TestServer {
  /** Of the dashboard and of the REST API. */
  url: string;
  /** host:port of gRPC. */
  address: string;
  /** Folder of the data; the database answers in its folder "run". */
  folder: string;
  stop: () => Promise<void>;
}

async function lineOf(server: ChildProcess, pattern: RegExp, said: () => string): Promise<string> {
  const deadline = Date.now() + 60_000;
  while (Date.now() < deadline) {
    const match = pattern.exec(said());
    if (match) return match[1]!;
    if (server.exitCode !== null) break;
    await new Promise((next) => setTimeout(next, 50));
  }
  throw new Error(`auscultd did not say ${pattern}:\n${said()}`);
}

export async function startServer(): Promise<TestServer> {
  const dist = join(checkout, 'web', 'dist');
  if (!existsSync(join(dist, 'index.html'))) throw new Error('web/dist is not built: ./dev web');
  const folder = mkdtempSync(join(tmpdir(), 'auscult-e2e.'));
  chmodSync(folder, 0o755);
  // PostgreSQL refuses to run as root; Debian's package brings a user for it.
  const user = process.getuid?.() === 0 ? ['--service-user', 'postgres'] : [];
  const settings = ['--data-dir', join(folder, 'data'), '--listen', '127.0.0.1:0', '--rest-listen', '127.0.0.1:0'];
  // It goes with this process, however that ends.
  const bound = ['--pdeathsig', 'TERM', join(binFolder(), 'auscultd')];
  const server = spawn('setpriv', [...bound, ...settings, '--web-dir', dist, '--raw-recent-s', '2592000', ...user]);
  let text = '';
  for (const stream of [server.stdout, server.stderr]) stream.on('data', (part: Buffer) => (text += part.toString()));
  const ended = new Promise<void>((done) => server.once('exit', () => done()));
  const stop = async () => {
    server.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const url = (await lineOf(server, /dashboard +(http:\S+)/, () => text)).replace(/\/?$/, '/');
    const address = await lineOf(server, /listens on (\S+)/, () => text);
    return { url, address, folder: join(folder, 'data'), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Runs the command line against the server and gives what it printed. */
export function auscult(server: Pick<TestServer, 'address'>, ...words: string[]): string {
  const ran = spawnSync(join(binFolder(), 'auscult'), words, {
    cwd: checkout,
    env: { ...process.env, AUSCULT_SERVER: server.address },
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  if (ran.status !== 0) throw new Error(`auscult ${words.join(' ')}: ${ran.stderr}${ran.stdout}`);
  return ran.stdout;
}
