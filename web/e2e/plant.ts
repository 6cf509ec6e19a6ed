// Before all tests: a server with the demo plant, on which three machines have fallen ill.
import type { TestProject } from 'vitest/node';
import { auscult, startServer } from './server';

declare module 'vitest' {
  export interface ProvidedContext {
    url: string;
    address: string;
    folder: string;
  }
}

const days = 6;
const samples = 8192;

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const began = Date.now();
  const server = await startServer();
  try {
    auscult(server, 'apply', '-f', 'deploy/demo_plant.yaml');
    const faults = ['pump-1:inner_race', 'fan-1:unbalance', 'gearbox-1:gear'].flatMap((fault) => ['--fault', `demo/${fault}:0.45:1`]);
    auscult(server, 'replay', '--simulate', '--site', 'demo', '--days', String(days), '--samples', String(samples), ...faults);
  } catch (error) {
    await server.stop();
    throw error;
  }
  project.provide('url', server.url);
  project.provide('address', server.address);
  project.provide('folder', server.folder);
  console.log(`plant of ${days} days made in ${((Date.now() - began) / 1000).toFixed(1)} s, at ${server.url}`);
  return server.stop;
}
