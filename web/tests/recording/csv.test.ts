import { describe, expect, test } from 'vitest';
import { readCsv } from '../../src/recording/csv';
import { RecordingError, type Problem } from '../../src/recording/recording';

function problemOf(text: string): Problem {
  try {
    readCsv(text);
  } catch (error) {
    if (error instanceof RecordingError) return error.problem;
    throw error;
  }
  throw new Error('was read');
}

const rows = (count: number, row: (i: number) => string) => Array.from({ length: count }, (_, i) => row(i)).join('\n');

describe('readCsv refuses, and says where', () => {
  const cases: [string, string, Problem][] = [
    ['nothing', '', { key: 'empty' }],
    ['blank lines', '\r\n \n\t\n', { key: 'empty' }],
    ['words', 'only words\nand more\n', { key: 'noNumbers', values: { lines: 2 } }],
    ['zeros of a binary file', '1,2\n\0\n', { key: 'notText', values: { byte: 4 } }],
    ['a word among numbers', 'a,b\n1,2\n3,oops\n', { key: 'notNumber', values: { line: 3, column: 'b', text: 'oops' } }],
    ['a short row', 'a,b\n1,2\n3\n', { key: 'rowLength', values: { line: 3, cells: 1, expected: 2, first: 2 } }],
    ['times alone', 'time\n0\n1\n2\n', { key: 'noSampleColumn' }],
    ['a broken clock', 'at,a\n10:00:00,1\n10:61:00,2\n', { key: 'notTime', values: { line: 3, column: 'at', text: '10:61:00' } }],
    ['rows without end', `${'1,'.repeat(5000)}1`, { key: 'tooManyColumns', values: { line: 1, most: 4096 } }],
  ];
  test.each(cases)('%s', (_, text, problem) => {
    expect(problemOf(text)).toEqual(problem);
  });

  test('damaged tables without falling', () => {
    const whole = `Time(sec),H (g),V (g)\n${rows(50, (i) => `${i * 0.001},${i % 17}.25,"${-i}"`)}`;
    let state = 11;
    const random = (below: number) => (state = (state * 48271) % 2147483647) % below;
    let refused = 0;
    for (let i = 0; i < 1000; i++) {
      const at = random(whole.length);
      const text = whole.slice(0, at) + String.fromCharCode(random(128)) + whole.slice(at + random(20));
      try {
        const { channels } = readCsv(text);
        expect(new Set(channels.map((channel) => channel.samples.length)).size).toBe(1);
      } catch (error) {
        expect(error).toBeInstanceOf(RecordingError);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(50);
  });
});

describe('readCsv reads', () => {
  test('names, units and the rate from header and times', () => {
    const text = `Time(sec),I(transf),I(Ampere)\r\n${rows(500, (i) => `${-0.5 + i * 0.0002},${i},${-i}.5\r`)}`;
    const recording = readCsv(text);
    expect(recording.channels.map(({ name, unit }) => [name, unit])).toEqual([
      ['I(transf)', ''],
      ['I', 'A'],
    ]);
    expect(recording.sampleRateHz).toBeCloseTo(5000, 3);
    expect(recording.channels[1]!.samples[3]).toBe(-3.5);
    expect(recording.clockProblem).toBeUndefined();
  });

  test('a table with neither header nor times', () => {
    const recording = readCsv('1.5,2\n-1.5,3\n0,4\n');
    expect(recording.channels.map((channel) => channel.name)).toEqual(['1', '2']);
    expect(recording.sampleRateHz).toBe(0);
    expect([...recording.channels[0]!.samples]).toEqual([1.5, -1.5, 0]);
  });

  test('one column', () => {
    expect([...readCsv('0.5\n-1e-3\n2\n').channels[0]!.samples]).toEqual([0.5, Math.fround(-1e-3), 2]);
  });

  test('decimal commas beside semicolons', () => {
    const recording = readCsv('Zeit [ms];Beschleunigung [m/s²]\n0,0;1,25\n0,5;-2,5\n1,0;3\n1,5;4\n2,0;5\n');
    expect(recording.channels.map(({ name, unit }) => [name, unit])).toEqual([['Beschleunigung', 'm/s2']]);
    expect(recording.channels[0]!.samples[1]).toBe(-2.5);
    expect(recording.sampleRateHz).toBeCloseTo(2000, 6);
  });

  test.each([',', ';', '\t', ' ', '   '])('cells divided by %j', (delimiter) => {
    const recording = readCsv(rows(20, (i) => `${i * 0.25}${delimiter}${-i}`));
    expect(recording.channels).toHaveLength(1); // the first column rises evenly: it is the time
    expect(recording.sampleRateHz).toBe(4);
    expect(recording.channels[0]!.samples[19]).toBe(-19);
  });

  test('past remarks, rows of units, counters of rows and words', () => {
    const recording = readCsv(
      '# made by a logger\nserial,17,x\n,H,V,state\n-,g,mm/s2,-\n0,1.0,2.0,ok\n1,1.5,2.5,ok\n2,1.25,2.25,bad\n',
    );
    expect(recording.channels.map(({ name, unit }) => [name, unit])).toEqual([
      ['H', 'g'],
      ['V', 'mm/s2'],
    ]);
    expect(recording.sampleRateHz).toBe(0);
  });

  test('an empty column at the edge as none, an empty cell as missing, quotes as quotes', () => {
    expect(readCsv('1;2;\n3;4;\n').channels).toHaveLength(2);
    expect(readCsv('a,b\n1,2\n,4\n5,6\n').channels[0]!.samples[1]).toBeNaN();
    expect(readCsv('"a, left","b ""x"""\n"1","2"\n').channels.map((c) => c.name)).toEqual(['a, left', 'b "x"']);
  });

  test('Chinese headers', () => {
    const recording = readCsv(`序号,时间(ms),加速度(m/s2)\n${rows(10, (i) => `${i},${i * 0.5},${i}`)}`);
    expect(recording.channels.map(({ name, unit }) => [name, unit])).toEqual([['加速度', 'm/s2']]);
    expect(recording.sampleRateHz).toBeCloseTo(2000, 6);
  });

  test('the time of a dated clock', () => {
    const recording = readCsv(`datetime;a\n${rows(10, (i) => `2020-03-09 10:14:3${i};${i}.5`)}`);
    expect(recording.sampleRateHz).toBe(1);
    expect(recording.measuredAt?.toISOString()).toBe('2020-03-09T10:14:30.000Z');
  });

  test('the FEMTO layout', () => {
    const recording = readCsv(rows(2560, (i) => `9,39,23,${Math.round(212540 + i * 39.0625)},${i / 1000},${-i / 500}`));
    expect(recording.sampleRateHz).toBe(25600);
    expect(recording.channels.map(({ name, unit }) => [name, unit])).toEqual([
      ['H', 'g'],
      ['V', 'g'],
    ]);
  });
});

describe('readCsv distrusts', () => {
  const hundred = Array.from({ length: 100 }, (_, i) => i);
  const unevenSeconds = [0, 1, 2, 3, 4, 5].flatMap((second) => Array<number>(40 + 7 * (second % 2)).fill(second));
  const cases: [string, number[], Problem][] = [
    ['a gap', hundred.map((i) => i * 0.01 + (i > 50 ? 1 : 0)), { key: 'timeGap', values: { sample: 51, gap_s: 1.01 } }],
    ['a step back', hundred.map((i) => (i === 50 ? 0.1 : i * 0.01)), { key: 'timeJumpsBack', values: { sample: 50 } }],
    ['uneven seconds', unevenSeconds, { key: 'timeUneven' }],
    ['two ticks', hundred.map((i) => Math.floor(i / 50)), { key: 'timeTooCoarse', values: { ticks: 2 } }],
  ];
  test.each(cases)('%s in the times', (_, times, problem) => {
    expect(readCsv(`time,a\n${times.map((time) => `${time.toFixed(6)},1`).join('\n')}`).clockProblem).toEqual(problem);
  });
});
