import { idsOf } from '../../api/names';

/** Address of the plant page of a site, a machine or a point. */
export function plantHref(name: string): string {
  const { sites, assets, points } = idsOf(name);
  return ['#/plant', sites, assets, points].filter(Boolean).join('/');
}

/** A name for people as an id: 1 to 63 lower-case letters, digits and dashes. */
export function idFrom(title: string): string {
  const plain = title.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  return plain.replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '').slice(0, 63).replace(/-+$/, '');
}

export const isId = (id: string): boolean => /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(id);
