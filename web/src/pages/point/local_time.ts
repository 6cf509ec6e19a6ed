// Times of the plant's clock in <input type="datetime-local">.

const parts = (seconds: number, timeZone: string): Record<string, string> => {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit',
  });
  return Object.fromEntries(format.formatToParts(seconds * 1000).map(({ type, value }) => [type, value]));
};

/** "2026-11-22T14:05" */
export function localText(seconds: number, timeZone: string): string {
  const { year, month, day, hour, minute } = parts(seconds, timeZone);
  return `${year}-${month}-${day}T${hour}:${minute}`;
}

/** Seconds since 1970 of a local time; one that the clocks skip comes out later by the gap. Undefined for no time. */
export function secondsOfLocal(text: string, timeZone: string): number | undefined {
  const wanted = Date.parse(`${text}Z`) / 1000;
  if (!Number.isFinite(wanted)) return undefined;
  let seconds = wanted;
  // The offset of the zone is that at the time itself, which is only known once it is near.
  for (let round = 0; round < 2; ++round) {
    const { year, month, day, hour, minute, second } = parts(seconds, timeZone);
    const shown = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`) / 1000;
    seconds += wanted - shown;
  }
  return seconds;
}
