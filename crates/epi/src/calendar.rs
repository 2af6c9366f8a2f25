//! The same week of earlier years.

/// Days since 1970-01-01 of a day of the Gregorian calendar; a day beyond the end of its month is in the next one.
/// (Fliegel and Van Flandern, *A machine algorithm for processing calendar dates*, Communications of the ACM 11 (1968) 657,
/// with years that begin in March.)
fn number(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    365 * year + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + (153 * month + 2) / 5 + day
        - 719_469
}

/// Year, month and day of such a number.
fn civil(number: i64) -> (i64, i64, i64) {
    let since = number + 719_468;
    let era = since.div_euclid(146_097);
    let day = since.rem_euclid(146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let of_year = day - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let of_month = of_year - (153 * month + 2) / 5 + 1;
    let year = year + 400 * era;
    if month < 10 { (year, month + 3, of_month) } else { (year + 1, month - 9, of_month) }
}

/// The day with the same weekday that lies nearest to the same date so many years before.
pub(crate) fn years_before(day: i64, years: i64) -> i64 {
    let (year, month, of_month) = civil(day);
    let same_date = number(year - years, month, of_month);
    let away = (day - same_date).rem_euclid(7);
    if away <= 3 { same_date + away } else { same_date + away - 7 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_numbered_from_1970() {
        for (date, at) in [
            ((1970, 1, 1), 0),
            ((1969, 12, 31), -1),
            ((2000, 2, 29), 11_016),
            ((2000, 3, 1), 11_017),
            ((2021, 9, 13), 18_883),
            ((1600, 3, 1), -135_080),
        ] {
            assert_eq!(number(date.0, date.1, date.2), at, "{date:?}");
            assert_eq!(civil(at), date);
        }
        assert_eq!(number(2019, 2, 29), number(2019, 3, 1));
        for day in -200_000..200_000 {
            let (year, month, of_month) = civil(day);
            assert_eq!(number(year, month, of_month), day);
        }
    }

    #[test]
    fn the_same_week_is_the_nearest_one_with_that_weekday() {
        // Monday 13 September 2021; a year before, 13 September was a Sunday.
        let monday = number(2021, 9, 13);
        assert_eq!(years_before(monday, 1), number(2020, 9, 14));
        assert_eq!(years_before(monday, 4), number(2017, 9, 11));
        assert_eq!(years_before(monday, 0), monday);
    }
}
