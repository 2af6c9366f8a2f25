//! What a caller wishes: kinds, languages and packings in headers, each with its weight (RFC 9110, 12.4.2 and 12.5).

use axum::http::{HeaderMap, HeaderName, header};
use vx_kernel::time::Lang;

/// What a header names, in lower case, each with its weight: `en-GB, vi;q=0.9`. Whoever says no weight means one, and
/// nought means "not this".
pub(super) fn weighed(headers: &HeaderMap, name: HeaderName) -> Vec<(String, f32)> {
    let said = headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    said.flat_map(|text| text.split(','))
        .map(|range| {
            let mut pieces = range.split(';').map(str::trim);
            let what = pieces.next().unwrap_or_default().to_ascii_lowercase();
            let weight = pieces.find_map(|piece| {
                let (_, weight) = piece.split_once('=').filter(|(key, _)| key.trim().eq_ignore_ascii_case("q"))?;
                weight.trim().parse::<f32>().ok().filter(|weight| weight.is_finite())
            });
            (what, weight.unwrap_or(1.0))
        })
        .collect()
}

/// Which of some languages a caller likes best; none where none is named.
#[must_use]
pub fn preferred(headers: &HeaderMap, among: &[Lang]) -> Option<Lang> {
    let mut best = (None, 0.0_f32);
    for (tag, weight) in weighed(headers, header::ACCEPT_LANGUAGE) {
        let lang = among.iter().find(|lang| tag.split('-').next() == Some(lang.tag()));
        if lang.is_some() && weight > best.1 {
            best = (lang.copied(), weight);
        }
    }
    best.0
}

/// Whether a caller takes an answer that is packed by gzip.
#[must_use]
pub fn takes_gzip(headers: &HeaderMap) -> bool {
    let said = weighed(headers, header::ACCEPT_ENCODING);
    let of = |name: &str| said.iter().find(|(packing, _)| packing == name).map(|(_, weight)| *weight);
    of("gzip").or_else(|| of("x-gzip")).or_else(|| of("*")).is_some_and(|weight| weight > 0.0)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn headers(name: HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_str(value).unwrap())])
    }

    #[test]
    fn who_takes_packed_answers_says_so() {
        for (said, takes) in [
            ("gzip", true),
            ("br, GZIP;q=0.5", true),
            ("gzip;q=0", false),
            ("gzip; Q = 0.000, *", false),
            ("*;q=0.1", true),
            ("*;q=0", false),
            ("identity", false),
            ("br, x-gzip", true),
            ("notgzip", false),
            ("gzip;q=none", true),
            ("", false),
        ] {
            assert_eq!(takes_gzip(&headers(header::ACCEPT_ENCODING, said)), takes, "{said}");
        }
        assert!(!takes_gzip(&HeaderMap::new()));
    }

    #[test]
    fn of_several_languages_the_weightiest_counts() {
        for (said, expected) in [
            ("km", Some(Lang::Km)),
            ("km-KH,km;q=0.9,en;q=0.8,vi;q=0.7", Some(Lang::Km)),
            ("vi-VN,vi;q=0.9,km;q=0.8", Some(Lang::Vi)),
            ("km;q=0, fr", None),
            ("", None),
        ] {
            assert_eq!(preferred(&headers(header::ACCEPT_LANGUAGE, said), &Lang::PUBLIC), expected, "{said}");
        }
        assert_eq!(preferred(&headers(header::ACCEPT_LANGUAGE, "km, en;q=0.1"), &Lang::OFFICE), Some(Lang::En));
    }
}
