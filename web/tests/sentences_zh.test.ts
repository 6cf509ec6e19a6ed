import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { sentenceInChinese } from '../src/format/sentences_zh';

// As the server says them; the second is what has to be in the translation: every number, and the right word.
const said: [string, string[]][] = [
  ["inner-race lines BPFI of drive end SKF 6205-2RS JEM at 127.7 Hz (5.37 x shaft): existence 8.5, limit 3.5, this machine's usual 0.15",
    ['驱动端 SKF 6205-2RS JEM', '127.7 Hz', '5.37×', '8.5', '3.5', '0.15']],
  ["outer-race lines BPFO of non-drive end at 80 Hz (3.4 x shaft): existence 8.5, limit 3.5", ['非驱动端', '外圈']],
  ["inner-race lines BPFI modulate the power of the signal with a depth of 2.12, limit 0.15, this machine's usual 0", ['2.12', '0.15', '平常为 0']],
  ["kurtosis 31.5 (3 is plain noise), limit 6.0, this machine's usual 3", ['31.5', '6.0']],
  ["sidebands of the gear mesh at the shaft speed carry 1.49 of the amplitude of the mesh lines, limit 0.60, this machine's usual 0.13", ['1.49', '0.60', '0.13']],
  ['gear mesh lines: 1.21 m/s2 RMS, judged from 0.258 m/s2 on', ['1.21 m/s²', '0.258']],
  ['pinion: FM4 of the average turn 5.6, 3 where all teeth mesh alike, limit 5.0', ['小齿轮', '5.6', '5.0']],
  ["1x line at 19.6 Hz: 11.38 mm/s RMS, material from 3.38 mm/s, this machine's usual 0.44", ['1×', '19.6 Hz', '11.38', '3.38', '0.44']],
  ['1x is 11.2 times 2x (11.38 and 1.02 mm/s RMS): unbalance needs 2.0', ['11.2', '不平衡', '2.0']],
  ['1 of the harmonics 2x to 5x reach 0.25 of 1x, together with 0.5x 0.35 mm/s RMS: looseness needs 3 and 1.05 mm/s', ['有 1 条', '0.25', '0.35', '3 条', '1.05']],
  ['velocity 0.75 mm/s RMS; no ISO 20816-3 limit applies, as power or foundation of the machine is unknown', ['0.75', '不适用']],
  ['velocity 0.81 mm/s RMS, zone A of ISO 20816-3, B/C limit 4.5 mm/s', ['0.81', 'A 区', '4.5']],
  ["negative-sequence current 6.1 % of the positive sequence, limit 3.0 %, this machine's usual 0.4 (an uneven supply shows in the same way: compare the phase voltages)", ['6.1%', '3.0%', '0.4']],
  ['sideband (1-2s)f at 48.20 Hz lies 41.3 dB below the supply line: two bars (limit 45 dB, slip 0.0180)', ['48.20', '41.3', '45', '0.0180']],
];

describe('sentenceInChinese', () => {
  for (const [english, parts] of said) {
    it(`translates "${english.slice(0, 60)}"`, () => {
      const chinese = sentenceInChinese(english);
      for (const part of parts) expect(chinese).toContain(part);
      expect(chinese).not.toMatch(/[a-z]{3,} [a-z]{3,}/);
    });
  }

  it('leaves what it does not know', () => {
    expect(sentenceInChinese('something new at 7 Hz')).toBeUndefined();
  });

  it('knows how the rules speak', () => {
    // Words of a sentence above that stand in the source of the rule as they are.
    const rules = ['bearing', 'gear', 'shaft', 'current', 'current_rotor'].map((name) => readFileSync(`../models/rules_${name}.cc`, 'utf8'));
    const source = [...rules, readFileSync('../models/diagnosis.cc', 'utf8')].join('\n').replace(/"\s*\n\s*"/g, '');
    for (const words of [
      'x shaft): existence', 'modulate the power of the signal with a depth of', '(3 is plain noise)', 'sidebands of the gear mesh at the shaft speed carry',
      'm/s2 RMS, judged from', 'FM4 of the average turn', 'mm/s RMS, material from', 'times 2x (', 'of the harmonics 2x to 5x reach',
      'limit applies, as power or', 'of ISO 20816-3, B/C limit', 'of the positive sequence, limit', 'dB below the supply line: ',
    ]) {
      expect(source, words).toContain(words);
    }
  });
});
