// Writes src/api/generated.ts from ../proto: the JSON form of every message and enum, and one route for each RPC with
// a google.api.http rule. The protos are the only place where the contract is written down.
import { mkdirSync, readdirSync, readFileSync, writeFileSync, existsSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import protobuf from 'protobufjs';

const webFolder = join(dirname(fileURLToPath(import.meta.url)), '..');
const protoFolder = join(webFolder, '..', 'proto');
const wellKnownFolder = join(webFolder, 'node_modules', 'protobufjs');
const target = join(webFolder, 'src', 'api', 'generated.ts');

// JSON forms that proto3 gives to its own types.
const wellKnown = {
  'google.protobuf.Timestamp': 'string',
  'google.protobuf.Duration': 'string',
  'google.protobuf.FieldMask': 'string',
  'google.protobuf.Empty': 'Record<string, never>',
  'google.protobuf.Any': "{ '@type': string; [field: string]: unknown }",
  'google.protobuf.Struct': 'Record<string, unknown>',
};
const scalars = { string: 'string', bytes: 'string', bool: 'boolean' };
for (const type of ['double', 'float', 'int32', 'uint32', 'sint32', 'fixed32', 'sfixed32']) scalars[type] = 'number';
for (const type of ['int64', 'uint64', 'sint64', 'fixed64', 'sfixed64']) scalars[type] = 'string';

function load() {
  const root = new protobuf.Root();
  root.resolvePath = (origin, path) => {
    if (protobuf.common.get(path) || isAbsolute(path)) return path;
    return join(path.startsWith('google/protobuf/') ? wellKnownFolder : protoFolder, path);
  };
  const own = join(protoFolder, 'auscult', 'v1');
  const files = readdirSync(own).filter((name) => name.endsWith('.proto')).sort().map((name) => join(own, name));
  files.push(join(protoFolder, 'google', 'longrunning', 'operations.proto'));
  root.loadSync(files, { keepCase: false, alternateCommentMode: true });
  root.resolveAll();
  return root;
}

// "auscult.v1.ListAlarmsRequest.State" -> "ListAlarmsRequest_State"
const nameOf = (type) => type.fullName.replace(/^\.?(auscult\.v1|google\.longrunning|google\.rpc|google\.api)\./, '').replaceAll('.', '_');

function typeOf(field) {
  if (scalars[field.type]) return scalars[field.type];
  const full = field.resolvedType.fullName.replace(/^\./, '');
  return wellKnown[full] ?? nameOf(field.resolvedType);
}

function comment(text, indent = '') {
  return text ? `${indent}/** ${text.replace(/\*\//g, '*\\/').replace(/\n/g, `\n${indent} * `)} */\n` : '';
}

function messageText(type) {
  const fields = type.fieldsArray.map((field) => {
    field.resolve();
    const value = typeOf(field);
    const shape = field.map ? `Record<string, ${value}>` : field.repeated ? `${value}[]` : value;
    return `${comment(field.comment, '  ')}  ${field.name}?: ${shape};\n`;
  });
  return `${comment(type.comment)}export interface ${nameOf(type)} {\n${fields.join('')}}\n`;
}

function enumText(type) {
  return `${comment(type.comment)}export type ${nameOf(type)} =\n${Object.keys(type.values).map((value) => `  | '${value}'`).join('\n')};\n`;
}

const camelCase = (text) => text.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());

function rulesOf(method) {
  const option = (method.parsedOptions ?? []).map((entry) => entry['(google.api.http)']).find(Boolean);
  if (!option) return [];
  const rule = (from) => {
    const verb = ['get', 'put', 'post', 'delete', 'patch'].find((name) => from[name]);
    const path = from[verb].replace(/\{[^=}]*/g, camelCase);
    return { verb: verb.toUpperCase(), path, body: camelCase(from.body ?? '') };
  };
  const more = option.additional_bindings ?? option.additionalBindings ?? [];
  return [rule(option), ...[more].flat().map(rule)];
}

function routeText(service) {
  return service.methodsArray.flatMap((method) => {
    method.resolve();
    const rules = rulesOf(method);
    if (rules.length === 0) return [];
    const response = wellKnown[method.resolvedResponseType.fullName.replace(/^\./, '')] ?? nameOf(method.resolvedResponseType);
    return [{ name: method.name, request: nameOf(method.resolvedRequestType), response, streams: !!method.responseStream, rules, comment: method.comment }];
  });
}

function walk(space, visit) {
  for (const nested of space.nestedArray ?? []) {
    visit(nested);
    walk(nested, visit);
  }
}

function generate(root) {
  const types = [];
  const routes = [];
  walk(root, (found) => {
    const full = found.fullName.replace(/^\./, '');
    const ours = /^(auscult\.v1|google\.longrunning)\./.test(full) || full === 'google.rpc.Status';
    if (!ours) return;
    if (found instanceof protobuf.Enum) types.push(enumText(found));
    else if (found instanceof protobuf.Type) types.push(messageText(found));
    else if (found instanceof protobuf.Service) routes.push(...routeText(found));
  });
  const table = routes.map((route) => {
    const rules = route.rules.map((rule) => `['${rule.verb}', '${rule.path}'${rule.body ? `, '${rule.body}'` : ''}]`);
    return `  ${route.name}: [${rules.join(', ')}],\n`;
  });
  const rpcs = routes.map((route) =>
    `${comment(route.comment, '  ')}  ${route.name}: { request: ${route.request}; response: ${route.response}; streams: ${route.streams} };\n`);
  return `// Made by scripts/generate_api.mjs from ../proto.\n\n${types.join('\n')}\n` +
    `export interface Rpcs {\n${rpcs.join('')}}\n\n` +
    `/** Verb, path template and body field, the first binding first. */\n` +
    `export type Rule = readonly [verb: string, path: string, body?: string];\n` +
    `export const rules: Record<keyof Rpcs, readonly Rule[]> = {\n${table.join('')}};\n`;
}

const text = generate(load());
mkdirSync(dirname(target), { recursive: true });
if (!existsSync(target) || readFileSync(target, 'utf8') !== text) writeFileSync(target, text);
