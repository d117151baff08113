"""The time that a server gives, as HTTP writes it (IMF-fixdate, RFC 9110 section 5.6.7)."""

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAYS_BEFORE = (0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334)
_LENGTH = 29


def unix_seconds(text):
    """Seconds since 1970 of "Sun, 06 Nov 1994 08:49:37 GMT", or None if it is nothing like it.

    The name of the day is not compared with the date. Years 1970 to 2099:
    what is beyond is a mistake.
    """
    if len(text) != _LENGTH or text[3:5] != ", " or text[25:] != " GMT":
        return None
    if text[7] + text[11] + text[16] != "   " or text[19] + text[22] != "::":
        return None
    if text[8:11] not in _MONTHS:
        return None
    month = _MONTHS.index(text[8:11])
    numbers = [_number(text[a:b]) for a, b in ((5, 7), (12, 16), (17, 19), (20, 22), (23, 25))]
    if None in numbers:
        return None
    day, year, hour, minute, second = numbers
    if not 1970 <= year < 2100 or not 1 <= day <= 31 or hour > 23 or minute > 59 or second > 60:
        return None
    days = 365 * (year - 1970) + _leap_days(year - 1) - _leap_days(1969) + _DAYS_BEFORE[month]
    if month > 1 and _leap_days(year) > _leap_days(year - 1):
        days += 1
    return ((days + day - 1) * 24 + hour) * 3600 + minute * 60 + second


def _leap_days(year):
    """How many there have been, to the end of this year."""
    return year // 4 - year // 100 + year // 400


def _number(digits):
    for digit in digits:
        if not "0" <= digit <= "9":
            return None
    return int(digits)
