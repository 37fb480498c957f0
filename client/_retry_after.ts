/** The `Retry-After` field (RFC 9110 §10.2.3). */

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const TIME = "(\\d\\d):(\\d\\d):(\\d\\d)";
// The day of the week is taken without a look: servers get it wrong, and the date does not need it.
const IMF_OR_RFC850_REGEXP = new RegExp(
  `^(?:[a-z]+,\\s*)?(\\d\\d?)[ -]([a-z]{3})[ -](\\d{4}|\\d\\d)\\s+${TIME}(?:\\s+(?:GMT|UTC|Z|([+-])(\\d\\d)(\\d\\d)))?$`,
  "i",
);
const ASCTIME_REGEXP = new RegExp(`^[a-z]{3}\\s+([a-z]{3})\\s+(\\d\\d?)\\s+${TIME}\\s+(\\d{4})$`, "i");

/**
 * How many seconds a `Retry-After` field asks to wait: a number of seconds, or the time until an HTTP date.
 *
 * Dates in the past give 0. As in Python, a date may have an offset such as `+0100`, and is UTC without one.
 *
 * @param now The time in seconds since 1970.
 * @returns the seconds, or `null` if the field is neither a number nor a date
 */
export function parseRetryAfter(value: string, now: number): number | null {
  const text = value.trim();
  if (/^\d+$/.test(text)) return Number(text);
  const date = parseDate(text, now);
  return date === null ? null : Math.max(0, date - now);
}

function parseDate(text: string, now: number): number | null {
  const imf = IMF_OR_RFC850_REGEXP.exec(text);
  if (imf !== null) {
    const [, day, month, year, hour, minute, second, sign, offsetHours = "0", offsetMinutes = "0"] = imf;
    const offset = (Number(offsetHours) * 60 + Number(offsetMinutes)) * 60;
    const date = seconds(fullYear(year!, now), month!, day!, hour!, minute!, second!);
    return date === null ? null : date - (sign === "-" ? -offset : offset);
  }
  const asctime = ASCTIME_REGEXP.exec(text);
  if (asctime === null) return null;
  const [, month, day, hour, minute, second, year] = asctime;
  return seconds(Number(year), month!, day!, hour!, minute!, second!);
}

/** A two-digit year that seems more than 50 years ahead is in the past (RFC 9110 §5.6.7). */
function fullYear(digits: string, now: number): number {
  if (digits.length === 4) return Number(digits);
  const thisYear = new Date(now * 1000).getUTCFullYear();
  const year = thisYear - thisYear % 100 + Number(digits);
  return year > thisYear + 50 ? year - 100 : year;
}

function seconds(
  year: number,
  month: string,
  day: string,
  hour: string,
  minute: string,
  second: string,
): number | null {
  const monthIndex = MONTHS.indexOf(month.toLowerCase());
  // setUTCFullYear, because Date.UTC takes the years 0 to 99 for 1900 to 1999.
  const date = new Date(0);
  date.setUTCFullYear(year, monthIndex, Number(day));
  date.setUTCHours(Number(hour), Number(minute), Number(second));
  const isReal = monthIndex !== -1 && date.getUTCMonth() === monthIndex && Number(hour) < 24 &&
    Number(minute) < 60 && Number(second) <= 60;
  return isReal ? date.getTime() / 1000 : null;
}
