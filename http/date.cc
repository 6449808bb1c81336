#include "http/date.h"

#include <algorithm>
#include <cstring>

namespace http {
namespace {

constexpr std::int64_t kSecondsPerDay = 86400;
constexpr std::int64_t kLastSecond = 253402300799;  // 9999-12-31 23:59:59

constexpr char kWeekdays[] = "SunMonTueWedThuFriSat";
constexpr char kMonths[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

constexpr bool is_leap_year(int year) {
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

constexpr int days_of_month(int year, int month) {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 1 && is_leap_year(year) ? 29 : kDays[month];
}

constexpr std::int64_t leap_days_before(std::int64_t year) {
  const std::int64_t last = year - 1;
  return last / 4 - last / 100 + last / 400;
}

constexpr std::int64_t days_before_year(std::int64_t year) {
  return (year - 1970) * 365 + leap_days_before(year) - leap_days_before(1970);
}
static_assert(days_before_year(2000) == 10957);

void put_two_digits(char* to, int number) {
  to[0] = static_cast<char>('0' + number / 10 % 10);
  to[1] = static_cast<char>('0' + number % 10);
}

}  // namespace

void format_imf_fixdate(std::int64_t unix_seconds, char out[kImfFixdateBytes]) {
  const std::int64_t seconds = std::clamp<std::int64_t>(unix_seconds, 0, kLastSecond);
  const std::int64_t days = seconds / kSecondsPerDay;
  const auto second_of_day = static_cast<int>(seconds % kSecondsPerDay);

  // A guess that is never late (years have at least 365 days) and then a step or two back.
  auto year = static_cast<int>(1970 + days / 365);
  while (days_before_year(year) > days) --year;
  auto day = static_cast<int>(days - days_before_year(year));
  int month = 0;
  while (day >= days_of_month(year, month)) day -= days_of_month(year, month++);

  std::memcpy(out, "Xxx, 00 Xxx 0000 00:00:00 GMT", kImfFixdateBytes);
  // The first of January 1970 was a Thursday.
  std::memcpy(out, kWeekdays + 3 * ((days + 4) % 7), 3);
  put_two_digits(out + 5, day + 1);
  std::memcpy(out + 8, kMonths + 3 * month, 3);
  put_two_digits(out + 12, year / 100);
  put_two_digits(out + 14, year % 100);
  put_two_digits(out + 17, second_of_day / 3600);
  put_two_digits(out + 20, second_of_day / 60 % 60);
  put_two_digits(out + 23, second_of_day % 60);
}

}  // namespace http
