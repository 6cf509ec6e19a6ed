import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** Runs SQL in the embedded database of a server with that data folder; rows as lines, columns divided by "|". */
export function sql(folder: string, statements: string): string[] {
  const place = ['-h', join(folder, 'run'), '-U', 'auscult', '-d', 'auscult'];
  const ran = spawnSync('psql', ['-X', '-A', '-t', '-q', '-v', 'ON_ERROR_STOP=1', ...place], {
    input: statements,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  if (ran.status !== 0) throw new Error(ran.stderr || String(ran.error));
  return ran.stdout.split('\n').filter(Boolean);
}
