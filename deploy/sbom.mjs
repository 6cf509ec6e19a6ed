// Writes what the programs of a build consist of, as CycloneDX 1.5 JSON: the libraries they load, the headers compiled
// into them, the packages inside the dashboard, the vendored contracts. All of it is asked of the build itself (ldd, ninja's
// dependencies, dpkg, package-lock.json), so that nothing can be forgotten; the same build gives the same file.
//
//   node deploy/sbom.mjs build/release > auscult.cdx.json
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const top = join(dirname(fileURLToPath(import.meta.url)), '..');
const build = resolve(process.argv[2] ?? 'build/release');
const programs = ['auscultd', 'auscult'];
// What tests, benches and code generators are made of is in no program.
const shippedObject = /^(?:features|models|db|server|cli|proto)\//;

const run = (program, ...words) =>
  execFileSync(program, words, { encoding: 'utf8', maxBuffer: 1 << 28, cwd: top, stdio: ['ignore', 'pipe', 'pipe'] });
const byName = (a, b) => (a['bom-ref'] < b['bom-ref'] ? -1 : 1);

/** Files that the program loads, by their real paths. */
function librariesOf(program) {
  const paths = [...run('ldd', join(build, 'bin', program)).matchAll(/(?:=> |^\s+)(\/\S+) \(/gm)].map((match) => match[1]);
  return paths.map((path) => realpathSync(path));
}

/** Headers outside of the tree that objects of the programs were compiled from. */
function systemHeaders() {
  const headers = new Set();
  let shipped = false;
  for (const line of run('ninja', '-C', build, '-t', 'deps').split('\n')) {
    if (/^\S/.test(line)) shipped = shippedObject.test(line);
    else if (shipped && line.startsWith('    /usr/')) headers.add(realpathSync(line.trim()));
  }
  return [...headers];
}

const withoutUsr = (path) => path.replace(/^\/usr\/lib/, '/lib');

/** Debian packages that the files belong to. A merged /usr is known to dpkg by either of its names. */
function packagesOf(files) {
  const names = new Set();
  const owned = new Set();
  const asked = [...new Set(files.flatMap((file) => [file, withoutUsr(file)]))];
  for (let at = 0; at < asked.length; at += 1000) {
    let answer;
    try {
      answer = run('dpkg-query', '-S', ...asked.slice(at, at + 1000));
    } catch (error) {
      answer = error.stdout; // some of the names are not known: the rest is answered all the same
    }
    for (const [, name, path] of answer.matchAll(/^(?!diversion )([^:,\s]+)[^/]*: (\/.*)$/gm)) {
      names.add(name);
      owned.add(withoutUsr(path));
    }
  }
  const strays = files.filter((file) => !owned.has(withoutUsr(file)));
  if (strays.length > 0) throw new Error(`of no Debian package, so that nobody says what they are: ${strays.join(', ')}`);
  return [...names].sort();
}

/** What debian/copyright says of the package as a whole, in Debian's words. */
function licenceOf(name) {
  const path = `/usr/share/doc/${name}/copyright`;
  if (!existsSync(path)) return undefined;
  return /^Files: ?\*[^]*?^License: *(.+)$/m.exec(readFileSync(path, 'utf8'))?.[1].trim();
}

const licensed = (name) => (name ? { licenses: [{ license: { name } }] } : {});

function debianComponents(names, scope) {
  if (names.length === 0) return [];
  const format = '${Package} ${Version} ${Architecture} ${source:Package}\n';
  return run('dpkg-query', '-W', '-f', format, ...names).trim().split('\n').map((line) => {
    const [name, version, architecture, source] = line.split(' ');
    const purl = `pkg:deb/debian/${name}@${encodeURIComponent(version)}?arch=${architecture}`;
    return {
      type: 'library', 'bom-ref': purl, name, version, purl, ...licensed(licenceOf(name)),
      properties: [{ name: 'auscult:linkage', value: scope }, { name: 'debian:source', value: source }],
    };
  });
}

/** Packages that the dashboard depends on at run time or imports, with what these need. */
function webComponents() {
  const lock = JSON.parse(readFileSync(join(top, 'web/package-lock.json'), 'utf8')).packages;
  const wanted = new Set();
  const visit = (name) => {
    const entry = lock[`node_modules/${name}`];
    if (!entry || wanted.has(name)) return;
    wanted.add(name);
    Object.keys(entry.dependencies ?? {}).forEach(visit);
  };
  Object.keys(lock[''].dependencies).forEach(visit);
  for (const file of run('git', 'ls-files', 'web/src', 'web/index.html').trim().split('\n')) {
    const text = readFileSync(join(top, file), 'utf8');
    for (const [, path] of text.matchAll(/(?:from|import\(?)\s*['"]((?:@[^/'"]+\/)?[^./'"][^/'"]*)/g)) visit(path);
    if (file.endsWith('.svelte')) visit('svelte');
  }
  return [...wanted].map((name) => {
    const { version, license, integrity } = lock[`node_modules/${name}`];
    const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`;
    const content = integrity && Buffer.from(integrity.replace(/^sha512-/, ''), 'base64').toString('hex');
    return {
      type: 'library', 'bom-ref': purl, name, version, purl, ...licensed(license),
      ...(content ? { hashes: [{ alg: 'SHA-512', content }] } : {}),
      properties: [{ name: 'auscult:linkage', value: 'dashboard' }],
    };
  });
}

function vendoredComponents() {
  return readdirSync(join(top, 'proto/google')).filter((name) => name !== 'LICENSE').map((name) => {
    const files = run('git', 'ls-files', `proto/google/${name}`).trim().split('\n');
    const hash = createHash('sha256');
    for (const file of files) hash.update(readFileSync(join(top, file)));
    return {
      type: 'library', 'bom-ref': `vendored:google/${name}`, group: 'googleapis', name: `google/${name}`,
      version: `sha256:${hash.digest('hex').slice(0, 16)}`, ...licensed('Apache-2.0'),
      properties: [{ name: 'auscult:linkage', value: 'vendored' }],
    };
  });
}

function programComponent(name, version) {
  const content = createHash('sha256').update(readFileSync(join(build, 'bin', name))).digest('hex');
  return { type: 'application', 'bom-ref': `auscult/${name}`, name, version, hashes: [{ alg: 'SHA-256', content }] };
}

const version = /project\(auscult VERSION (\S+)/.exec(readFileSync(join(top, 'CMakeLists.txt'), 'utf8'))[1];
const loaded = packagesOf(programs.flatMap(librariesOf));
const compiled = packagesOf(systemHeaders()).filter((name) => !loaded.includes(name));
const components = [
  ...programs.map((name) => programComponent(name, version)),
  ...debianComponents(loaded, 'loaded'),
  ...debianComponents(compiled, 'compiled in'),
  ...webComponents(),
  ...vendoredComponents(),
].sort(byName);
const digest = createHash('sha256').update(JSON.stringify(components)).digest('hex');
const uuid = [digest.slice(0, 8), digest.slice(8, 12), `5${digest.slice(13, 16)}`, `8${digest.slice(17, 20)}`, digest.slice(20, 32)].join('-');
process.stdout.write(`${JSON.stringify({
  bomFormat: 'CycloneDX',
  specVersion: '1.5',
  serialNumber: `urn:uuid:${uuid}`,
  version: 1,
  metadata: {
    timestamp: new Date(Number(run('git', 'log', '-1', '--format=%ct')) * 1000).toISOString(),
    component: { type: 'application', 'bom-ref': 'auscult', name: 'auscult', version, ...licensed('Apache-2.0; with FFTW GPL-2+') },
  },
  components,
  dependencies: [
    { ref: 'auscult', dependsOn: programs.map((name) => `auscult/${name}`) },
    ...programs.map((name) => ({
      ref: `auscult/${name}`,
      dependsOn: debianComponents(packagesOf(librariesOf(name)), 'loaded').map((component) => component['bom-ref']).sort(),
    })),
  ],
}, null, 2)}\n`);
