/** Ids within a resource name: { sites: 'demo', assets: 'pump-1', points: 'de' }. */
export function idsOf(name: string): { sites?: string; assets?: string; points?: string; alarms?: string } {
  const parts = name.split('/');
  const ids: Record<string, string> = {};
  for (let at = 0; at + 1 < parts.length; at += 2) ids[parts[at]!] = parts[at + 1]!;
  return ids;
}

export const siteOf = (name: string): string => name.split('/').slice(0, 2).join('/');
export const assetOf = (name: string): string => name.split('/').slice(0, 4).join('/');
export const lastId = (name: string): string => name.slice(name.lastIndexOf('/') + 1);
