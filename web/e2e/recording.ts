/** A WAV of 2 s at 12.8 kHz: noise, and an impact at each pass of an outer-race defect of a 6205 at 1800 rpm. */
export function bearingWav(): Buffer {
  const rateHz = 12800;
  const count = 2 * rateHz;
  const defectHz = 30 * 3.5848;
  const wav = Buffer.alloc(44 + 2 * count);
  wav.write('RIFF', 0);
  wav.writeUInt32LE(wav.length - 8, 4);
  wav.write('WAVEfmt ', 8);
  wav.writeUInt32LE(16, 16);
  wav.writeUInt16LE(1, 20);
  wav.writeUInt16LE(1, 22);
  wav.writeUInt32LE(rateHz, 24);
  wav.writeUInt32LE(2 * rateHz, 28);
  wav.writeUInt16LE(2, 32);
  wav.writeUInt16LE(16, 34);
  wav.write('data', 36);
  wav.writeUInt32LE(2 * count, 40);
  let state = 1;
  for (let i = 0; i < count; i++) {
    state = (state * 48271) % 2147483647;
    const noise = 0.02 * (state / 1073741824 - 1);
    const sinceImpactS = ((i / rateHz) * defectHz - Math.floor((i / rateHz) * defectHz)) / defectHz;
    const ring = 0.3 * Math.exp(-sinceImpactS * 2000) * Math.sin(2 * Math.PI * 3000 * sinceImpactS);
    wav.writeInt16LE(Math.round(32767 * (noise + ring)), 44 + 2 * i);
  }
  return wav;
}
