import { rules, type Rule, type Rpcs } from './generated';

export interface HttpCall {
  verb: string;
  /** With query. */
  url: string;
  body?: string;
}

type Fields = Record<string, unknown>;

const variable = /\{([^=}]+)=([^}]+)\}/g;

function valueAt(fields: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((at, key) => (at as Fields | undefined)?.[key], fields);
}

function without(fields: Fields, path: string[]): Fields {
  const [key, ...rest] = path as [string, ...string[]];
  if (!(key in fields)) return fields;
  const { [key]: inner, ...others } = fields;
  if (rest.length === 0) return others;
  return { ...others, [key]: without(inner as Fields, rest) };
}

// "sites/*/assets/**" as an expression over a resource name.
function patternOf(template: string): RegExp {
  const steps = template.split('/').map((step) => (step === '**' ? '.+' : step === '*' ? '[^/]+' : step));
  return new RegExp(`^${steps.join('/')}$`);
}

function matches(rule: Rule, request: Fields): boolean {
  return [...rule[1].matchAll(variable)].every(([, path, template]) => {
    const value = valueAt(request, path!);
    return typeof value === 'string' && patternOf(template!).test(value);
  });
}

function appendQuery(query: URLSearchParams, prefix: string, value: unknown): void {
  if (value === undefined || value === null || value === '') return;
  if (Array.isArray(value)) {
    for (const item of value) appendQuery(query, prefix, item);
  } else if (typeof value === 'object') {
    for (const [key, inner] of Object.entries(value)) appendQuery(query, prefix ? `${prefix}.${key}` : key, inner);
  } else {
    query.append(prefix, String(value));
  }
}

/** The HTTP form of a request by its RPC's google.api.http rule: of those that fit the one that says most in its path. */
export function httpCall<Name extends keyof Rpcs>(name: Name, request: Rpcs[Name]['request']): HttpCall {
  const fields = request as Fields;
  const variables = (candidate: Rule) => candidate[1].match(variable)?.length ?? 0;
  const rule = rules[name].filter((candidate) => matches(candidate, fields)).sort((a, b) => variables(b) - variables(a))[0];
  if (!rule) throw new Error(`${name}: no path for ${JSON.stringify(request)}`);
  const [verb, template, body] = rule;
  let rest = fields;
  const path = template.replace(variable, (_, field: string) => {
    const value = String(valueAt(fields, field));
    if (!body || body === '*') rest = without(rest, field.split('.'));
    return value.split('/').map(encodeURIComponent).join('/');
  });
  if (body === '*') return { verb, url: path, body: JSON.stringify(rest) };
  const sent = body ? JSON.stringify(fields[body] ?? {}) : undefined;
  const query = new URLSearchParams();
  appendQuery(query, '', body ? without(without(rest, [body]), templateField(template)) : rest);
  const text = query.toString();
  return { verb, url: text ? `${path}?${text}` : path, body: sent };
}

function templateField(template: string): string[] {
  const found = /\{([^=}]+)=/.exec(template);
  return found ? found[1]!.split('.') : [''];
}
