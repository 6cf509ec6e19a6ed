// Fails where the first load, which is the fleet page, gzipped, is larger than the budget. Reads web/dist.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const budgetBytes = 150_000;
const dist = join(dirname(fileURLToPath(import.meta.url)), '..', 'dist');
const manifest = JSON.parse(readFileSync(join(dist, '.vite', 'manifest.json'), 'utf8'));

const files = new Set(['index.html']);
function add(key) {
  const chunk = manifest[key];
  if (files.has(chunk.file)) return;
  for (const file of [chunk.file, ...(chunk.css ?? []), ...(chunk.assets ?? [])]) files.add(file);
  for (const next of chunk.imports ?? []) add(next);
}
add('index.html');

let total = 0;
for (const file of files) {
  // woff2 is compressed already.
  const bytes = readFileSync(join(dist, file));
  const size = file.endsWith('.woff2') ? bytes.length : gzipSync(bytes, { level: 9 }).length;
  total += size;
  console.log(`${String(size).padStart(8)}  ${file}`);
}
console.log(`${String(total).padStart(8)}  of ${budgetBytes}`);
if (total > budgetBytes) {
  console.error('The first load is over its budget: load what not everybody needs at once by import().');
  process.exit(1);
}
