//! Dates and times of day in the shapes in which dispatches print them.

/// A day of the Gregorian calendar, known to exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Date {
    pub(crate) year: u16,
    pub(crate) month: u8,
    pub(crate) day: u8,
}

impl Date {
    pub(crate) fn new(year: u16, month: u8, day: u8) -> Option<Date> {
        let ok = (1900..=2199).contains(&year) && (1..=12).contains(&month) && day >= 1 && day <= days_in(year, month);
        ok.then_some(Date { year, month, day })
    }

    pub(crate) fn iso(self) -> String {
        format!("{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

pub(crate) fn days_in(year: u16, month: u8) -> u8 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        _ => 31,
    }
}

/// A printed date, which may not exist or may lack parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Printed {
    pub(crate) day: Option<u16>,
    pub(crate) month: Option<u16>,
    pub(crate) year: Option<u16>,
    /// Letters stood in place of digits.
    pub(crate) garbled: bool,
    /// Bytes read.
    pub(crate) len: usize,
}

impl Printed {
    pub(crate) fn date(&self) -> Option<Date> {
        Date::new(self.year?, u8::try_from(self.month?).ok()?, u8::try_from(self.day?).ok()?)
    }

    pub(crate) fn in_year(&self, year: u16) -> Option<Date> {
        Date::new(year, u8::try_from(self.month?).ok()?, u8::try_from(self.day?).ok()?)
    }
}

/// A place in a folded text, with small readers that move on only if they succeed.
#[derive(Clone, Copy)]
pub(crate) struct Cursor<'a> {
    pub(crate) fold: &'a str,
    pub(crate) at: usize,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(fold: &'a str, at: usize) -> Cursor<'a> {
        Cursor { fold, at }
    }

    pub(crate) fn rest(&self) -> &'a str {
        &self.fold[self.at..]
    }

    pub(crate) fn byte(&self) -> Option<u8> {
        self.fold.as_bytes().get(self.at).copied()
    }

    pub(crate) fn spaces(&mut self) {
        while matches!(self.byte(), Some(b' ' | b'\n')) {
            self.at += 1;
        }
    }

    pub(crate) fn eat(&mut self, word: &str) -> bool {
        let found = self.rest().starts_with(word);
        if found {
            self.at += word.len();
        }
        found
    }

    /// Eats a whole word or phrase and the spaces behind it.
    pub(crate) fn word(&mut self, word: &str) -> bool {
        let rest = self.rest();
        if !rest.starts_with(word) || rest[word.len()..].chars().next().is_some_and(crate::text::is_word) {
            return false;
        }
        self.at += word.len();
        self.spaces();
        true
    }

    pub(crate) fn any_word(&mut self, words: &[&str]) -> bool {
        words.iter().any(|word| self.word(word))
    }

    /// At most four digits; letters that look like digits count if `loose`.
    pub(crate) fn digits(&mut self, loose: bool, garbled: &mut bool) -> Option<u16> {
        let mut value = 0u16;
        let mut count = 0;
        let mut cursor = *self;
        let mut strange = false;
        while count < 5 {
            let digit = match cursor.byte() {
                Some(b @ b'0'..=b'9') => b - b'0',
                Some(b'o') if loose => {
                    strange = true;
                    0
                }
                Some(b'l' | b'i') if loose => {
                    strange = true;
                    1
                }
                _ => break,
            };
            value = value.checked_mul(10)?.checked_add(u16::from(digit))?;
            count += 1;
            cursor.at += 1;
        }
        if count == 0 || count > 4 || strange && count == 1 && value == 0 {
            return None;
        }
        *garbled |= strange;
        *self = cursor;
        Some(value)
    }
}

/// Reads a date at `at`: "28/8/2021", "13-8-2021", "01.7.2021", "28 tháng 8 năm 2021", "20/8", "9/2021" is no date.
pub(crate) fn date(fold: &str, at: usize) -> Option<Printed> {
    let mut c = Cursor::new(fold, at);
    let mut garbled = false;
    let day = c.digits(true, &mut garbled)?;
    if day > 99 {
        return None;
    }
    let after_day = c.at;
    c.spaces();
    if c.word("tháng") || c.eat("tháng") {
        c.spaces();
        let month = month(&mut c, &mut garbled)?;
        let mut end = c.at;
        c.spaces();
        if c.byte() == Some(b',') {
            c.at += 1;
            c.spaces();
        }
        let mut year = None;
        if c.eat("năm") {
            c.spaces();
            if let Some(y) = year_digits(&mut c, &mut garbled) {
                year = Some(y);
                end = c.at;
            }
        } else if c.byte() == Some(b'/') {
            c.at += 1;
            if let Some(y) = year_digits(&mut c, &mut garbled) {
                year = Some(y);
                end = c.at;
            }
        }
        return Some(Printed { day: Some(day), month: Some(month), year, garbled, len: end - at });
    }
    c.at = after_day;
    let separator = separator(&mut c)?;
    let month = c.digits(true, &mut garbled)?;
    if month > 99 {
        return None;
    }
    let end = c.at;
    let mut full = c;
    if self::separator(&mut full) == Some(separator)
        && let Some(year) = year_digits(&mut full, &mut garbled)
        && !full.byte().is_some_and(|b| b.is_ascii_digit())
    {
        return Some(Printed { day: Some(day), month: Some(month), year: Some(year), garbled, len: full.at - at });
    }
    // Without a year only a slash makes a date, and nothing that goes on like a number may follow.
    let next = fold[end..].chars().next();
    let goes_on = next.is_some_and(|n| crate::text::is_word(n) || matches!(n, '/' | '%'))
        || matches!(next, Some('-' | '.' | ',')) && fold[end + 1..].starts_with(|n: char| n.is_ascii_digit());
    (separator == b'/' && !garbled && !goes_on && (1..=12).contains(&month) && (1..=31).contains(&day))
        .then_some(Printed { day: Some(day), month: Some(month), year: None, garbled, len: end - at })
}

fn month(c: &mut Cursor<'_>, garbled: &mut bool) -> Option<u16> {
    const NAMES: &[(&str, u16)] = &[("giêng", 1), ("tư", 4), ("chạp", 12)];
    if let Some(month) = c.digits(true, garbled) {
        return (month <= 99).then_some(month);
    }
    NAMES.iter().find(|(name, _)| c.word(name)).map(|(_, month)| *month)
}

fn year_digits(c: &mut Cursor<'_>, garbled: &mut bool) -> Option<u16> {
    let before = *c;
    // "năm 20 21" of a justified scan.
    let mut strange = false;
    let first = c.digits(true, &mut strange)?;
    if (1900..=2199).contains(&first) {
        *garbled |= strange;
        return Some(first);
    }
    if first == 20 {
        let mut second = *c;
        second.spaces();
        let from = second.at;
        if let Some(rest) = second.digits(false, &mut strange)
            && rest <= 99
            && second.at - from == 2
        {
            *c = second;
            *garbled = true;
            return Some(2000 + rest);
        }
    }
    *c = before;
    None
}

fn separator(c: &mut Cursor<'_>) -> Option<u8> {
    let mut cursor = *c;
    if cursor.byte() == Some(b' ') {
        cursor.at += 1;
    }
    let byte = cursor.byte().filter(|b| matches!(b, b'/' | b'-' | b'.'))?;
    let spaced = cursor.at > c.at;
    cursor.at += 1;
    if cursor.byte() == Some(b' ') && byte != b'.' {
        cursor.at += 1;
    } else if spaced {
        return None;
    }
    if !cursor.byte().is_some_and(|b| b.is_ascii_digit() || b == b'o' || b == b'l') {
        return None;
    }
    *c = cursor;
    Some(byte)
}

/// A printed time of day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Time {
    pub(crate) hour: u16,
    pub(crate) minute: u16,
    pub(crate) len: usize,
}

impl Time {
    pub(crate) fn is_valid(self) -> bool {
        self.hour < 24 && self.minute < 60 || self.hour == 24 && self.minute == 0
    }

    pub(crate) fn iso(self) -> String {
        // 24h00 of a day has no ISO time on that day other than its last minute.
        if self.hour == 24 { "23:59".to_owned() } else { format!("{:02}:{:02}", self.hour, self.minute) }
    }
}

/// Reads a time of day at `at`: "17h00", "17h", "17 giờ 00 phút", "17 giờ", "17:00", "17g30", "14 giờ 00'".
pub(crate) fn time(fold: &str, at: usize) -> Option<Time> {
    let mut c = Cursor::new(fold, at);
    let mut garbled = false;
    let hour = c.digits(false, &mut garbled)?;
    if hour > 99 {
        return None;
    }
    let mut end;
    let after = c.at;
    c.spaces();
    if c.eat("giờ") {
        end = c.at;
        c.spaces();
        let minute_at = c.at;
        if let Some(minute) = c.digits(false, &mut garbled) {
            let digits = c.at - minute_at;
            let minute_end = c.at;
            c.spaces();
            if c.word("phút") || c.eat("phút") {
                end = trimmed(fold, c.at);
                return Some(Time { hour, minute, len: end - at });
            }
            // "14 giờ 00 ngày 03/9": two digits that start no date.
            if digits == 2 && date(fold, minute_at).is_none() {
                if c.at == minute_end && c.byte() == Some(b'\'') {
                    return Some(Time { hour, minute, len: minute_end + 1 - at });
                }
                return Some(Time { hour, minute, len: minute_end - at });
            }
        }
        return Some(Time { hour, minute: 0, len: end - at });
    }
    c.at = after;
    match c.byte() {
        Some(b'h' | b'g') => {
            c.at += 1;
            if c.rest().chars().next().is_some_and(crate::text::is_letter) {
                return None;
            }
            end = c.at;
            let minute_at = c.at;
            let minute = match c.digits(false, &mut garbled) {
                Some(minute) if c.at - minute_at == 2 => {
                    end = c.at;
                    if c.rest().starts_with(['\'', '’', 'p']) && !c.rest().starts_with("ph") {
                        end = c.at + c.rest().chars().next().map_or(0, char::len_utf8);
                    }
                    minute
                }
                Some(_) => return None,
                None => {
                    // "17h 00".
                    let mut spaced = c;
                    spaced.spaces();
                    let from = spaced.at;
                    match spaced.digits(false, &mut garbled) {
                        Some(minute)
                            if spaced.at - from == 2
                                && spaced.at > c.at + 2
                                && date(fold, from).is_none()
                                && minute < 60 =>
                        {
                            end = spaced.at;
                            minute
                        }
                        _ => 0,
                    }
                }
            };
            Some(Time { hour, minute, len: end - at })
        }
        Some(b':') => {
            c.at += 1;
            let from = c.at;
            let minute = c.digits(false, &mut garbled)?;
            if c.at - from != 2 {
                return None;
            }
            let mut end = c.at;
            // Seconds of a machine's stamp.
            if c.byte() == Some(b':') {
                end += 3.min(fold.len() - end);
            }
            let end = if fold.is_char_boundary(end) { end } else { c.at };
            c.at = end;
            let mut tail = c;
            tail.spaces();
            if tail.word("phút") {
                c = tail;
            }
            Some(Time { hour, minute, len: trimmed(fold, c.at) - at })
        }
        _ => None,
    }
}

fn trimmed(fold: &str, end: usize) -> usize {
    fold[..end].trim_end().len()
}
