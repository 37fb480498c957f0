/** Dates as HTTP writes them (RFC 9110 §5.6.7). */

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DAY = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)";
const LONG_DAY = "(?:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)";
const TIME = "(\\d\\d):(\\d\\d):(\\d\\d)";
const MONTH = `(${MONTHS.join("|")})`;

// "-0000" is what mail software writes for UTC; Python honours it and ignores any other offset.
const IMF_FIXDATE_REGEXP = new RegExp(`^${DAY}, (\\d\\d) ${MONTH} (\\d{4}) ${TIME} (?:GMT|-0000)$`);
const RFC850_DATE_REGEXP = new RegExp(`^${LONG_DAY}, (\\d\\d)-${MONTH}-(\\d\\d) ${TIME} GMT$`);
const ASCTIME_DATE_REGEXP = new RegExp(`^${DAY} ${MONTH} ([ \\d]\\d) ${TIME} (\\d{4})$`);

/** IMF-fixdate, such as `Sun, 06 Nov 1994 08:49:37 GMT`; fractions of a second are cut off. */
export function formatHttpDate(date: Date): string {
  return date.toUTCString();
}

/**
 * Reads the three forms of RFC 9110 §5.6.7 and gives seconds since 1970, or `null` for anything else.
 *
 * `Date.parse` would take much more than HTTP knows ("2 Jan", offsets), and a precondition with a date that is none has
 * to be ignored, not guessed at.
 */
export function parseHttpDate(text: string, now: number = Date.now()): number | null {
  const imf = IMF_FIXDATE_REGEXP.exec(text);
  if (imf) return seconds(Number(imf[3]), imf[2]!, Number(imf[1]), imf.slice(4));
  const rfc850 = RFC850_DATE_REGEXP.exec(text);
  if (rfc850) return seconds(fullYear(Number(rfc850[3]), now), rfc850[2]!, Number(rfc850[1]), rfc850.slice(4));
  const asctime = ASCTIME_DATE_REGEXP.exec(text);
  if (asctime) return seconds(Number(asctime[6]), asctime[1]!, Number(asctime[2]), asctime.slice(3));
  return null;
}

/** A two-digit year that seems more than 50 years ahead is in the past (RFC 9110 §5.6.7). */
function fullYear(twoDigits: number, now: number): number {
  const thisYear = new Date(now).getUTCFullYear();
  const year = thisYear - thisYear % 100 + twoDigits;
  return year > thisYear + 50 ? year - 100 : year;
}

function seconds(year: number, month: string, day: number, time: readonly string[]): number | null {
  const monthIndex = MONTHS.indexOf(month);
  const [hour, minute, second] = time.map(Number) as [number, number, number];
  // setUTCFullYear, because Date.UTC takes the years 0 to 99 for 1900 to 1999.
  const date = new Date(0);
  date.setUTCFullYear(year, monthIndex, day);
  date.setUTCHours(hour, minute, second);
  const real = date.getUTCMonth() === monthIndex && hour < 24 && minute < 60 && second <= 60;
  return real ? date.getTime() / 1000 : null;
}
