//! Old encodings: what is written in them by tables of other programs is read, and Unicode is left alone.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;

use proptest::prelude::*;
use vx_dispatch::{Unreadable, open};

/// As glibc converts to TCVN5712-1: letter and byte.
#[rustfmt::skip]
const TCVN3: &str = "\
    àB5 ảB6 ãB7 áB8 ạB9 ăA8 ằBB ẳBC ẵBD ắBE ặC6 âA9 ầC7 ẩC8 ẫC9 ấCA ậCB đAE èCC ẻCE ẽCF éD0 ẹD1 êAA ềD2 ểD3 \
    ễD4 ếD5 ệD6 ìD7 ỉD8 ĩDC íDD ịDE òDF ỏE1 õE2 óE3 ọE4 ôAB ồE5 ổE6 ỗE7 ốE8 ộE9 ơAC ờEA ởEB ỡEC ớED ợEE ùEF \
    ủF1 ũF2 úF3 ụF4 ưAD ừF5 ửF6 ữF7 ứF8 ựF9 ỳFA ỷFB ỹFC ýFD ỵFE ĂA1 ÂA2 ÊA3 ÔA4 ƠA5 ƯA6 ĐA7 \
";

/// Letters and what VNI for Windows types for them.
#[rustfmt::skip]
const VNI: &str = "\
    à=aø À=AØ ả=aû Ả=AÛ ã=aõ Ã=AÕ á=aù Á=AÙ ạ=aï Ạ=AÏ ă=aê Ă=AÊ ằ=aè Ằ=AÈ ẳ=aú Ẳ=AÚ ẵ=aü Ẵ=AÜ ắ=aé Ắ=AÉ ặ=aë \
    Ặ=AË â=aâ Â=AÂ ầ=aà Ầ=AÀ ẩ=aå Ẩ=AÅ ẫ=aã Ẫ=AÃ ấ=aá Ấ=AÁ ậ=aä Ậ=AÄ đ=ñ Đ=Ñ è=eø È=EØ ẻ=eû Ẻ=EÛ ẽ=eõ Ẽ=EÕ \
    é=eù É=EÙ ẹ=eï Ẹ=EÏ ê=eâ Ê=EÂ ề=eà Ề=EÀ ể=eå Ể=EÅ ễ=eã Ễ=EÃ ế=eá Ế=EÁ ệ=eä Ệ=EÄ ì=ì Ì=Ì ỉ=æ Ỉ=Æ ĩ=ó Ĩ=Ó \
    í=í Í=Í ị=ò Ị=Ò ò=oø Ò=OØ ỏ=oû Ỏ=OÛ õ=oõ Õ=OÕ ó=où Ó=OÙ ọ=oï Ọ=OÏ ô=oâ Ô=OÂ ồ=oà Ồ=OÀ ổ=oå Ổ=OÅ ỗ=oã \
    Ỗ=OÃ ố=oá Ố=OÁ ộ=oä Ộ=OÄ ơ=ô Ơ=Ô ờ=ôø Ờ=ÔØ ở=ôû Ở=ÔÛ ỡ=ôõ Ỡ=ÔÕ ớ=ôù Ớ=ÔÙ ợ=ôï Ợ=ÔÏ ù=uø Ù=UØ ủ=uû Ủ=UÛ \
    ũ=uõ Ũ=UÕ ú=uù Ú=UÙ ụ=uï Ụ=UÏ ư=ö Ư=Ö ừ=öø Ừ=ÖØ ử=öû Ử=ÖÛ ữ=öõ Ữ=ÖÕ ứ=öù Ứ=ÖÙ ự=öï Ự=ÖÏ ỳ=yø Ỳ=YØ ỷ=yû \
    Ỷ=YÛ ỹ=yõ Ỹ=YÕ ý=yù Ý=YÙ ỵ=î Ỵ=Î \
";

/// As Python encodes to cp1258: letter and bytes.
#[rustfmt::skip]
const WINDOWS_1258: &str = "\
    à=E0 ả=61D2 ã=61DE á=E1 ạ=61F2 ă=E3 ằ=E3CC ẳ=E3D2 ẵ=E3DE ắ=E3EC ặ=E3F2 â=E2 ầ=E2CC ẩ=E2D2 ẫ=E2DE ấ=E2EC \
    ậ=E2F2 đ=F0 è=E8 ẻ=65D2 ẽ=65DE é=E9 ẹ=65F2 ê=EA ề=EACC ể=EAD2 ễ=EADE ế=EAEC ệ=EAF2 ì=69CC ỉ=69D2 ĩ=69DE \
    í=ED ị=69F2 ò=6FCC ỏ=6FD2 õ=6FDE ó=F3 ọ=6FF2 ô=F4 ồ=F4CC ổ=F4D2 ỗ=F4DE ố=F4EC ộ=F4F2 ơ=F5 ờ=F5CC ở=F5D2 \
    ỡ=F5DE ớ=F5EC ợ=F5F2 ù=F9 ủ=75D2 ũ=75DE ú=FA ụ=75F2 ư=FD ừ=FDCC ử=FDD2 ữ=FDDE ứ=FDEC ự=FDF2 ỳ=79CC \
    ỷ=79D2 ỹ=79DE ý=79EC ỵ=79F2 Ă=C3 Â=C2 Ê=CA Ô=D4 Ơ=D5 Ư=DD Đ=D0 À=C0 Ả=41D2 Ã=41DE Á=C1 Ạ=41F2 Ằ=C3CC \
    Ẳ=C3D2 Ẵ=C3DE Ắ=C3EC Ặ=C3F2 Ầ=C2CC Ẩ=C2D2 Ẫ=C2DE Ấ=C2EC Ậ=C2F2 È=C8 Ẻ=45D2 Ẽ=45DE É=C9 Ẹ=45F2 Ề=CACC \
    Ể=CAD2 Ễ=CADE Ế=CAEC Ệ=CAF2 Ì=49CC Ỉ=49D2 Ĩ=49DE Í=CD Ị=49F2 Ò=4FCC Ỏ=4FD2 Õ=4FDE Ó=D3 Ọ=4FF2 Ồ=D4CC \
    Ổ=D4D2 Ỗ=D4DE Ố=D4EC Ộ=D4F2 Ờ=D5CC Ở=D5D2 Ỡ=D5DE Ớ=D5EC Ợ=D5F2 Ù=D9 Ủ=55D2 Ũ=55DE Ú=DA Ụ=55F2 Ừ=DDCC \
    Ử=DDD2 Ữ=DDDE Ứ=DDEC Ự=DDF2 Ỳ=59CC Ỷ=59D2 Ỹ=59DE Ý=59EC Ỵ=59F2 \
";

const TEXT: &str = "Ủy ban nhân dân tỉnh yêu cầu thủ trưởng các sở, ban, ngành, Chủ tịch Ủy ban nhân dân các huyện, thị xã, \
    thành phố nghiêm túc thực hiện giãn cách xã hội; rà soát nguồn ô xy, giường bệnh, sinh phẩm xét nghiệm; \
    bảo đảm an toàn tuyệt đối cho người dân. Đồng chí Phạm Hữu Đức, Bùi Thị Mỹ Duyên ký.";

fn pairs(table: &str) -> impl Iterator<Item = (char, &str)> {
    table.split_whitespace().map(|pair| {
        let letter = pair.chars().next().unwrap();
        (letter, pair[letter.len_utf8()..].trim_start_matches('='))
    })
}

fn bytes_of(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

/// Capital letters with tones do not exist in TCVN3; they are typed small.
fn tcvn3(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    for c in text.chars() {
        let found = |c: char| pairs(TCVN3).find(|(letter, _)| *letter == c).map(|(_, hex)| bytes_of(hex));
        let small = c.to_lowercase().next().unwrap();
        match found(c).or_else(|| found(small)) {
            Some(bytes) => out.extend(bytes),
            None => out.push(u8::try_from(u32::from(c)).unwrap()),
        }
    }
    out
}

fn vni(text: &str) -> String {
    text.chars()
        .map(|c| pairs(VNI).find(|(letter, _)| *letter == c).map_or(c.to_string(), |(_, typed)| typed.to_owned()))
        .collect()
}

fn windows_1258(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    for c in text.chars() {
        match pairs(WINDOWS_1258).find(|(letter, _)| *letter == c) {
            Some((_, hex)) => out.extend(bytes_of(hex)),
            None => out.push(u8::try_from(u32::from(c)).unwrap()),
        }
    }
    out
}

fn latin(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect()
}

fn converted(bytes: &[u8], encoding: &str) -> String {
    let opened = open(bytes).unwrap();
    assert_eq!(opened.findings.len(), 1, "{:?}", opened.findings);
    assert_eq!(opened.findings[0].code, "encoding_converted");
    assert_eq!(opened.findings[0].detail, encoding);
    opened.text
}

#[test]
fn texts_in_old_encodings_are_read_and_it_is_said() {
    assert_eq!(converted(&vni_bytes(TEXT), "VNI"), TEXT);
    assert_eq!(converted(&windows_1258(TEXT), "windows-1258"), TEXT);
    // In TCVN3 a capital with a tone comes back small.
    let small = TEXT.replace("Ủy", "ủy");
    assert_eq!(converted(&tcvn3(TEXT), "TCVN3 (ABC)"), small);
}

fn vni_bytes(text: &str) -> Vec<u8> {
    latin(&vni(text))
}

#[test]
fn every_letter_of_every_table_comes_back() {
    let all = |table: &str| {
        let letters: Vec<String> = pairs(table).map(|(letter, _)| letter.to_string()).collect();
        // Enough plain words around them that the encoding is clear.
        format!("{TEXT}\n{}", letters.join("; "))
    };
    assert_eq!(converted(&vni_bytes(&all(VNI)), "VNI"), all(VNI));
    assert_eq!(converted(&windows_1258(&all(WINDOWS_1258)), "windows-1258"), all(WINDOWS_1258));
    assert_eq!(converted(&tcvn3(&all(TCVN3)), "TCVN3 (ABC)"), all(TCVN3).replace("Ủy", "ủy"));
}

#[test]
fn a_line_of_capitals_in_tcvn3_stays_one() {
    let text = format!("UỶ BAN NHÂN DÂN\nTỈNH SÓC TRĂNG\n{}", TEXT.replace("Ủy", "ủy"));
    assert_eq!(converted(&tcvn3(&text), "TCVN3 (ABC)"), text);
}

#[test]
fn letters_of_an_old_encoding_saved_as_utf_8_are_read_too() {
    let saved: String = vni(TEXT);
    assert_eq!(converted(saved.as_bytes(), "VNI"), TEXT);
}

#[test]
fn bytes_of_no_known_encoding_are_refused() {
    let bytes = [b'a', 0xFF, b'b', 0xFE, b' ', 0x90, 0x8F, b'z'].repeat(20);
    assert!(matches!(open(&bytes), Err(Unreadable::Encoding { .. })));
}

#[test]
fn a_mixture_is_left_alone_and_said() {
    let text = format!("{TEXT}\n{}", vni(TEXT));
    let opened = open(text.as_bytes()).unwrap();
    assert_eq!(opened.text, text);
    assert_eq!(opened.findings[0].code, "encoding_mixed");
}

fn unicode_texts() -> Vec<String> {
    let mut out = Vec::new();
    for folder in ["fixtures/dispatches", "fixtures/demo"] {
        for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|ext| ext == "txt") {
                out.push(fs::read_to_string(path).unwrap());
            }
        }
    }
    out
}

#[test]
fn texts_in_unicode_are_not_touched() {
    let texts = unicode_texts();
    assert!(texts.len() > 10);
    for text in texts {
        let opened = open(text.as_bytes()).unwrap();
        assert_eq!(opened.text, vx_dispatch::decode(text.as_bytes()).unwrap());
        assert_eq!(opened.findings, vec![]);
    }
}

proptest! {
    #[test]
    fn no_piece_of_unicode_is_touched(pick in any::<prop::sample::Index>(), from in any::<prop::sample::Index>(), len in 1..900usize) {
        let texts = unicode_texts();
        let text = &texts[pick.index(texts.len())];
        let chars: Vec<char> = text.chars().collect();
        let from = from.index(chars.len());
        let piece: String = chars[from..chars.len().min(from + len)].iter().collect();
        if let Ok(opened) = open(piece.as_bytes()) {
            prop_assert_eq!(&opened.text, &vx_dispatch::decode(piece.as_bytes()).unwrap());
            prop_assert!(opened.findings.is_empty());
        }
    }

    #[test]
    fn words_of_latin_languages_are_not_touched(words in prop::collection::vec("[a-zàâçéèêëîïôùûüñöäß]{1,9}", 1..80)) {
        let text = words.join(" ");
        let opened = open(text.as_bytes()).unwrap();
        prop_assert_eq!(&opened.text, &text);
        prop_assert!(opened.findings.is_empty());
    }
}
