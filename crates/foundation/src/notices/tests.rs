//! The rules of notices as tables.

use jiff::Timestamp;
use vx_kernel::{Id, Path, time};
use vx_platform::notify::{Channel, Class};

use super::{
    Choice, Held, Quiet,
    choice::{USUAL_QUIET, goes_at},
    commands::address_of,
};

fn at(text: &str) -> Timestamp {
    time::instant(text.parse().unwrap()).unwrap()
}

fn quiet(from: &str, until: &str) -> Option<Quiet> {
    Some(Quiet { from: from.parse().unwrap(), until: until.parse().unwrap() })
}

#[test]
fn quiet_hours_run_over_midnight_and_hoa_toc_passes() {
    let usual = Some(USUAL_QUIET);
    for (now, class, hoa_toc, hours, digest, expected, held) in [
        // By day: at once, or gathered.
        ("2021-09-13T21:59:59", Class::Work, false, usual, 0, "2021-09-13T21:59:59", None),
        ("2021-09-13T09:00", Class::Work, false, usual, 30, "2021-09-13T09:30", Some(Held::Digest)),
        ("2021-09-13T09:00", Class::Account, false, usual, 30, "2021-09-13T09:00", None),
        // In the evening, after midnight, and at both edges.
        ("2021-09-13T22:00", Class::Work, false, usual, 0, "2021-09-14T06:00", Some(Held::Quiet)),
        ("2021-09-13T23:59:59", Class::Work, false, usual, 0, "2021-09-14T06:00", Some(Held::Quiet)),
        ("2021-09-14T00:00", Class::Work, false, usual, 0, "2021-09-14T06:00", Some(Held::Quiet)),
        ("2021-09-14T05:59:59", Class::Account, false, usual, 0, "2021-09-14T06:00", Some(Held::Quiet)),
        ("2021-09-14T06:00", Class::Work, false, usual, 0, "2021-09-14T06:00", None),
        // What is gathered until into the night waits for the morning; what is gathered out of it does not.
        ("2021-09-13T21:45", Class::Work, false, usual, 30, "2021-09-14T06:00", Some(Held::Quiet)),
        ("2021-09-14T05:45", Class::Work, false, usual, 30, "2021-09-14T06:15", Some(Held::Digest)),
        // Over the end of a month and of a year.
        ("2021-12-31T23:00", Class::Work, false, usual, 0, "2022-01-01T06:00", Some(Held::Quiet)),
        // HỎA TỐC, whenever.
        ("2021-09-14T02:00", Class::Work, true, usual, 240, "2021-09-14T02:00", None),
        // Hours by day, none, and empty ones.
        ("2021-09-13T12:30", Class::Work, false, quiet("11:30", "13:30"), 0, "2021-09-13T13:30", Some(Held::Quiet)),
        ("2021-09-13T13:30", Class::Work, false, quiet("11:30", "13:30"), 0, "2021-09-13T13:30", None),
        ("2021-09-14T02:00", Class::Work, false, None, 0, "2021-09-14T02:00", None),
        ("2021-09-14T02:00", Class::Work, false, quiet("02:00", "02:00"), 0, "2021-09-14T02:00", None),
    ] {
        let got = goes_at(at(now), class, hoa_toc, hours, digest);
        assert_eq!(got, (at(expected), held), "{now} {class} {hoa_toc} {digest}");
    }
}

#[test]
fn what_is_wanted_where() {
    let usual = Choice::usual(Id::fresh(), Path::root());
    let none = Choice { channels: String::new(), ..usual.clone() };
    let some = Choice { channels: "work/sms hoa_toc/chat".to_owned(), ..usual.clone() };
    for (choice, class, hoa_toc, channel, expected) in [
        (&usual, Class::Report, false, Channel::Email, true),
        (&usual, Class::Report, false, Channel::Sms, false),
        (&usual, Class::Report, true, Channel::Sms, true),
        (&none, Class::Work, true, Channel::Email, false),
        (&some, Class::Work, false, Channel::Sms, true),
        (&some, Class::Work, true, Channel::Sms, true),
        (&some, Class::Deadline, true, Channel::Chat, true),
        (&some, Class::Deadline, false, Channel::Chat, false),
    ] {
        assert_eq!(choice.wants(class, hoa_toc, channel), expected, "{} {class} {hoa_toc} {channel}", choice.channels);
    }
    assert!(Choice { quiet: false, ..usual.clone() }.quiet_hours().is_none());
    assert_eq!(usual.quiet_hours(), Some(USUAL_QUIET));
}

#[test]
fn addresses_are_read_as_people_write_them() {
    for (channel, typed, expected) in [
        (Channel::Email, " Lan.Tran@SocTrang.gov.vn ", Some(("Lan.Tran@soctrang.gov.vn", "L…@soctrang.gov.vn"))),
        (Channel::Email, "lan@soctrang", None),
        (Channel::Email, "lan@a..vn", None),
        (Channel::Email, "a@b.vn, c@d.vn", None),
        (Channel::Email, "lan <lan@soctrang.gov.vn>", None),
        (Channel::Email, "lan@soctrang.gov.vn\r\nBcc: x@y.vn", None),
        (Channel::Sms, "0912 345 678", Some(("+84912345678", "+84…678"))),
        (Channel::Sms, "+84 (912) 345-678", Some(("+84912345678", "+84…678"))),
        (Channel::Sms, "84912345678", Some(("+84912345678", "+84…678"))),
        (Channel::Sms, "912345678", None),
        (Channel::Sms, "0912 345 67", None),
        (Channel::Sms, "0012345678", None),
        (Channel::Sms, "113", None),
        (Channel::Chat, "u-5512_ab", Some(("u-5512_ab", "…_ab"))),
        (Channel::Chat, "ab", None),
        (Channel::Chat, "<script>", None),
    ] {
        let got = address_of(channel, typed);
        let got = got.as_ref().map(|(address, shown)| (address.as_str(), shown.as_str()));
        assert_eq!(got, expected, "{channel} {typed}");
    }
}
