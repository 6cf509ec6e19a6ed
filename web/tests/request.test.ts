import { describe, expect, it } from 'vitest';
import { httpCall } from '../src/api/request';
import { rules } from '../src/api/generated';

describe('httpCall', () => {
  it('puts path variables into the path and the rest into the query', () => {
    expect(httpCall('ListAlarms', { parent: 'sites/-', state: 'STATE_OPEN', kinds: ['ALARM_KIND_MACHINE', 'ALARM_KIND_PROCESS'] })).toEqual({
      verb: 'GET',
      url: '/v1/sites/-/alarms?state=STATE_OPEN&kinds=ALARM_KIND_MACHINE&kinds=ALARM_KIND_PROCESS',
    });
  });

  it('takes the binding that says most in its path', () => {
    const site = httpCall('QueryTrend', { name: 'sites/demo', names: ['sites/demo/assets/a/points/b'] });
    expect(site.url).toBe('/v1/sites/demo:queryTrend?names=sites%2Fdemo%2Fassets%2Fa%2Fpoints%2Fb');
    expect(httpCall('QueryTrend', { name: 'sites/demo/assets/a/points/-' }).url).toBe('/v1/sites/demo/assets/a/points/-:queryTrend');
    expect(httpCall('ListBearings', { query: '62 05' }).url).toBe('/v1/bearings?query=62+05');
    expect(httpCall('ListBearings', { parent: 'sites/demo' }).url).toBe('/v1/sites/demo/bearings');
  });

  it('sends everything outside the path where the body is *', () => {
    const { verb, url, body } = httpCall('CloseAlarm', { name: 'sites/demo/alarms/7', finding: 'FINDING_CONFIRMED', etag: '"x"' });
    expect([verb, url]).toEqual(['POST', '/v1/sites/demo/alarms/7:close']);
    expect(JSON.parse(body!)).toEqual({ finding: 'FINDING_CONFIRMED', etag: '"x"' });
  });

  it('sends one field where the body names it, the others in the query', () => {
    const made = httpCall('CreateSite', { siteId: 'hamburg', site: { displayName: 'Hamburg' }, validateOnly: true });
    expect(made.url).toBe('/v1/sites?siteId=hamburg&validateOnly=true');
    expect(JSON.parse(made.body!)).toEqual({ displayName: 'Hamburg' });
    const changed = httpCall('UpdateSite', { site: { name: 'sites/demo', timeZone: 'UTC' }, updateMask: 'timeZone' });
    expect(changed.url).toBe('/v1/sites/demo?updateMask=timeZone');
    expect(JSON.parse(changed.body!)).toEqual({ name: 'sites/demo', timeZone: 'UTC' });
    const done = httpCall('RecordMaintenance', { asset: 'sites/demo/assets/a', maintenance: { description: 'oiled' } });
    expect(done.url).toBe('/v1/sites/demo/assets/a:recordMaintenance');
    expect(JSON.parse(done.body!)).toEqual({ description: 'oiled' });
  });

  it('escapes what would leave its step of the path', () => {
    expect(httpCall('GetSite', { name: 'sites/a?b#c' }).url).toBe('/v1/sites/a%3Fb%23c');
    expect(() => httpCall('GetSite', { name: 'sites/a/assets/b' })).toThrow(/GetSite/);
  });

  it('leaves out what is not set', () => {
    expect(httpCall('ListSites', { pageSize: undefined, pageToken: '' }).url).toBe('/v1/sites');
  });

  it('has a path for every RPC of the API', () => {
    expect(Object.keys(rules).length).toBeGreaterThan(70);
    for (const [name, bindings] of Object.entries(rules)) expect(bindings.length, name).toBeGreaterThan(0);
  });
});
