// Virtual time, always shown in China's zone (UTC+8, no summer time).

const OFFSET = 8 * 3600_000;
export const DAY = 86_400_000;
const WEEKDAYS = "日一二三四五六";
const two = (n) => String(n).padStart(2, "0");

/** The wall clock in China as parts; weekday 1 is Monday, 7 is Sunday. */
export function parts(ms) {
  const at = new Date(ms + OFFSET);
  return {
    year: at.getUTCFullYear(),
    month: at.getUTCMonth() + 1,
    day: at.getUTCDate(),
    weekday: at.getUTCDay() || 7,
    hour: at.getUTCHours(),
    minute: at.getUTCMinutes(),
    second: at.getUTCSeconds(),
  };
}

export const weekdayName = (ms) => `周${WEEKDAYS[parts(ms).weekday % 7]}`;

export function hourMinute(ms) {
  const { hour, minute } = parts(ms);
  return `${two(hour)}:${two(minute)}`;
}

export function monthDay(ms) {
  const { month, day } = parts(ms);
  return `${month}月${day}日`;
}

/** Midnight in China of the day that holds `ms`. */
export const startOfDay = (ms) => Math.floor((ms + OFFSET) / DAY) * DAY - OFFSET;

/** Midnight of that week's Monday. */
export const startOfWeek = (ms) => startOfDay(ms) - (parts(ms).weekday - 1) * DAY;

/** `09:30` today, otherwise `周二 09:30`, from a week on `12月1日`: never wider than a button. */
export function relativeTime(ms, now) {
  const days = (startOfDay(ms) - startOfDay(now)) / DAY;
  if (days === 0) return hourMinute(ms);
  if (days > 0 && days < 7) return `${weekdayName(ms)} ${hourMinute(ms)}`;
  return monthDay(ms);
}

export const fullTime = (ms) => `${monthDay(ms)} ${weekdayName(ms)} ${hourMinute(ms)}`;

/** `3 天 2 小时后`, for the next thing due. */
export function until(ms, now) {
  const minutes = Math.max(0, Math.round((ms - now) / 60_000));
  if (minutes === 0) return "就是现在";
  const days = Math.floor(minutes / 1440);
  const hours = Math.floor((minutes % 1440) / 60);
  const rest = minutes % 60;
  const words = [];
  if (days) words.push(`${days} 天`);
  if (hours) words.push(`${hours} 小时`);
  if (rest && !days) words.push(`${rest} 分钟`);
  return `${words.join(" ")}后`;
}

/** Value of a datetime-local field, and back to an ISO instant with China's offset. */
export function toField(ms) {
  const { year, month, day, hour, minute } = parts(ms);
  return `${year}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}`;
}

export const fromField = (value) => `${value}:00+08:00`;
