// The sentences of the server, which are English, in Chinese. What is not listed stays as it was said: a sentence that is
// made up from numbers alone would not always mean the same.

const places: [RegExp, string][] = [
  [/^drive end\b/, '驱动端'],
  [/^non-drive end\b/, '非驱动端'],
];

function place(text: string): string {
  const found = [...places].reverse().find(([begin]) => begin.test(text));
  return found ? text.replace(found[0], found[1]) : text;
}

const families: Record<string, string> = {
  'inner-race lines BPFI': '内圈谱线 BPFI',
  'outer-race lines BPFO': '外圈谱线 BPFO',
  'ball lines 2 x BSF': '滚动体谱线 2×BSF',
  'cage lines FTF': '保持架谱线 FTF',
  'inner-race': '内圈',
  'outer-race': '外圈',
  ball: '滚动体',
};
const family = '(inner-race lines BPFI|outer-race lines BPFO|ball lines 2 x BSF|cage lines FTF)';
const n = '([+-]?[\\d.e+-]+)';

type Write = (...found: string[]) => string;

const sentences: [RegExp, Write][] = [
  [new RegExp(`^${family} of (.+) at ${n} Hz \\(${n} x shaft\\): existence ${n}, limit ${n}$`),
    (lines, at, hz, order, value, limit) => `${place(at!)}的${families[lines!]}位于 ${hz} Hz（${order}× 转频）：显著度 ${value}，限值 ${limit}`],
  [new RegExp(`^${family} modulate the power of the signal with a depth of ${n}, limit ${n}$`),
    (lines, depth, limit) => `${families[lines!]}对信号功率的调制深度为 ${depth}，限值 ${limit}`],
  [new RegExp(`^${family} stand out on (\\d+) of the (\\d+) channels that look at this bearing$`),
    (lines, some, all) => `监测该轴承的 ${all} 个通道中有 ${some} 个出现${families[lines!]}`],
  [new RegExp(`^kurtosis ${n} \\(3 is plain noise\\), limit ${n}$`), (value, limit) => `峭度 ${value}（纯噪声为 3），限值 ${limit}`],
  [new RegExp(`^kurtosis ${n} while neither race modulates the signal, as the irregular impacts of a rolling element do, limit ${n}$`),
    (value, limit) => `峭度 ${value}，而内外圈均未调制信号，符合滚动体的不规则冲击；限值 ${limit}`],
  [new RegExp(`^${n}x line at ${n} Hz: ${n} mm/s RMS, material from ${n} mm/s$`),
    (order, hz, value, limit) => `${order}× 谱线位于 ${hz} Hz：有效值 ${value} mm/s，达到 ${limit} mm/s 即为显著`],
  [new RegExp(`^1x is ${n} times 2x \\(${n} and ${n} mm/s RMS\\): unbalance needs ${n}$`),
    (ratio, first, second, needed) => `1× 为 2× 的 ${ratio} 倍（有效值 ${first} 与 ${second} mm/s）：不平衡需达到 ${needed} 倍`],
  [new RegExp(`^2x is ${n} of 1x \\(${n} and ${n} mm/s RMS\\): misalignment needs ${n}$`),
    (ratio, second, first, needed) => `2× 为 1× 的 ${ratio} 倍（有效值 ${second} 与 ${first} mm/s）：不对中需达到 ${needed} 倍`],
  [new RegExp(`^2 x line frequency \\(${n} Hz\\) stands beside 2x \\(${n} Hz\\): this record does not tell an electrical cause from misalignment$`),
    (line, shaft) => `两倍电源频率（${line} Hz）紧邻 2×（${shaft} Hz）：此记录无法区分电气原因与不对中`],
  [new RegExp(`^(\\d+) of the harmonics 2x to 5x reach ${n} of 1x, together with 0\\.5x ${n} mm/s RMS: looseness needs (\\d+) and ${n} mm/s$`),
    (count, share, together, needed, limit) => `2× 至 5× 谐波中有 ${count} 条达到 1× 的 ${share} 倍，连同 0.5× 有效值 ${together} mm/s：松动需 ${needed} 条和 ${limit} mm/s`],
  [new RegExp(`^0\\.5x line at ${n} Hz: ${n} mm/s RMS, looseness needs ${n}$`),
    (hz, value, needed) => `0.5× 谱线位于 ${hz} Hz：有效值 ${value} mm/s，松动需达到 ${needed}`],
  [new RegExp(`^line at twice the supply frequency \\(${n} Hz\\): ${n} mm/s RMS, material from ${n} mm/s; it should vanish at once when the power is cut$`),
    (hz, value, limit) => `两倍电源频率谱线（${hz} Hz）：有效值 ${value} mm/s，达到 ${limit} mm/s 即为显著；断电后应立即消失`],
  [new RegExp(`^sidebands of the gear mesh at the shaft speed carry ${n} of the amplitude of the mesh lines, limit ${n}$`),
    (ratio, limit) => `啮合频率两侧转频边带的幅值为啮合谱线的 ${ratio} 倍，限值 ${limit}`],
  [new RegExp(`^gear mesh lines: ${n} m/s2 RMS, judged from ${n} m/s2 on$`), (value, limit) => `齿轮啮合谱线：有效值 ${value} m/s²，自 ${limit} m/s² 起评定`],
  [new RegExp(`^(.+): FM4 of the average turn ${n}, 3 where all teeth mesh alike, limit ${n}$`),
    (gear, value, limit) => `${gear === 'pinion' ? '小齿轮' : gear === 'gear' ? '齿轮' : gear}：同步平均的 FM4 为 ${value}（各齿啮合一致时为 3），限值 ${limit}`],
  [new RegExp(`^velocity ${n} mm/s RMS, zone ([A-D]) of ISO 20816-3, B/C limit ${n} mm/s$`),
    (value, zone, limit) => `速度有效值 ${value} mm/s，处于 ISO 20816-3 ${zone} 区，B/C 界限 ${limit} mm/s`],
  [new RegExp(`^velocity ${n} mm/s RMS; no ISO 20816-3 limit applies, as power or foundation of the machine is unknown$`),
    (value) => `速度有效值 ${value} mm/s；设备功率或基础未知，ISO 20816-3 限值不适用`],
  [new RegExp(`^the shaft speed of ${n} Hz was found in the record with a confidence of ${n}, sure from ${n}: lines may belong to another speed$`),
    (hz, confidence, sure) => `转速 ${hz} Hz 由记录估计，可信度 ${confidence}（${sure} 以上为可靠）：谱线可能属于其他转速`],
  [new RegExp(`^the speed sent has no lines; ${n} Hz was found in the record with a confidence of ${n}, sure from ${n}: lines may belong to another speed$`),
    (hz, confidence, sure) => `所发转速没有对应谱线；由记录估计为 ${hz} Hz，可信度 ${confidence}（${sure} 以上为可靠）：谱线可能属于其他转速`],
  [new RegExp(`^the currents of the phases differ from their mean by ${n} %: one of them is hardly fed \\(fuse, contact, cable or sensor\\)$`),
    (percent) => `各相电流偏离均值 ${percent}%：其中一相几乎没有供电（熔断器、触点、电缆或传感器）`],
  [new RegExp(`^negative-sequence current ${n} % of the positive sequence, limit ${n} % \\(an uneven supply shows in the same way: compare the phase voltages\\)$`),
    (value, limit) => `负序电流为正序的 ${value}%，限值 ${limit}%（供电不平衡也会如此：请比较各相电压）`],
  [new RegExp(`^line at 2f of the Park modulus ${n} % of its mean$`), (value) => `Park 矢量模的 2f 谱线为其均值的 ${value}%`],
  [new RegExp(`^harmonic distortion of the current ${n} %, limit ${n} % \\(supply, converter or saturation\\)$`),
    (value, limit) => `电流谐波畸变 ${value}%，限值 ${limit}%（供电、变频器或饱和）`],
  [new RegExp(`^(inner-race|outer-race|ball) lines \\|f \\+- m fv\\| of (.+) in the current stand ${n} dB above the noise, limit ${n} dB, the strongest ${n} dB below the supply line$`),
    (lines, at, excess, limit, level) => `电流中${place(at!)}的${families[lines!]}谱线 |f±m·fv| 高出噪声 ${excess} dB，限值 ${limit} dB，最强者低于电源谱线 ${level} dB`],
  [new RegExp(`^sideband \\(1-2s\\)f at ${n} Hz lies ${n} dB below the supply line: .+ \\(limit ${n} dB, slip ${n}\\)$`),
    (hz, level, limit, slip) => `边带 (1−2s)f 位于 ${hz} Hz，低于电源谱线 ${level} dB（限值 ${limit} dB，转差率 ${slip}）`],
  [new RegExp(`^no sideband \\(1-2s\\)f at ${n} Hz stands out of the noise, which lies ${n} dB below the supply line \\(slip ${n}\\)$`),
    (hz, noise, slip) => `${hz} Hz 处没有高出噪声的边带 (1−2s)f，噪声低于电源谱线 ${noise} dB（转差率 ${slip}）`],
  [new RegExp(`^sideband \\(1\\+2s\\)f at ${n} Hz lies ${n} dB below the supply line$`), (hz, level) => `边带 (1+2s)f 位于 ${hz} Hz，低于电源谱线 ${level} dB`],
  [new RegExp(`^the clearer of \\(3-2s\\)f and \\(3-4s\\)f lies ${n} dB below the supply line and ${n} dB above the noise \\(limits ${n} and ${n} dB\\)$`),
    (level, excess, limit, seen) => `(3−2s)f 与 (3−4s)f 中较明显者低于电源谱线 ${level} dB、高出噪声 ${excess} dB（限值 ${limit} 与 ${seen} dB）`],
];

const usual = /, this machine's usual ([\d.e+-]+)(?=$| \()/;

/** A sentence of the server's evidence in Chinese; undefined for one that is not known. */
export function sentenceInChinese(text: string): string | undefined {
  const own = usual.exec(text)?.[1];
  const plain = text.replace(usual, '');
  for (const [pattern, write] of sentences) {
    const found = pattern.exec(plain);
    if (found) return `${write(...found.slice(1))}${own === undefined ? '' : `，本机平常为 ${own}`}`;
  }
  return undefined;
}
