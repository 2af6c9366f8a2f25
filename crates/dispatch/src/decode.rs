//! From bytes to text: encodings, composition, line ends.

use std::fmt;

use unicode_normalization::{UnicodeNormalization, is_nfc};

/// Why bytes could not be read as text (không đọc được).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// No bytes, or white space only.
    Empty,
    /// Bytes of a program, picture, archive or office document.
    Binary {
        /// What the first bytes look like, if known.
        looks_like: Option<&'static str>,
    },
    /// Neither UTF-8 nor UTF-16; probably an old Vietnamese encoding such as TCVN3 or VNI.
    Encoding {
        /// First byte that is wrong in UTF-8.
        at: usize,
    },
    /// A PDF file of pictures: it has no text layer (bản quét).
    Scan,
    /// Protected by a password.
    Encrypted,
    /// The binary format of Word before 2007 (.doc).
    OldWord,
    /// An archive that holds no Word document.
    NotWord,
    /// Cut off or damaged.
    Broken,
    /// Made to exhaust whoever opens it, or so odd that it could be: bombs, entities, endless nesting.
    Unsafe,
    /// Far longer than any dispatch.
    TooLong,
}

impl Unreadable {
    /// Stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Unreadable::Empty => "unreadable.empty",
            Unreadable::Binary { .. } => "unreadable.binary",
            Unreadable::Encoding { .. } => "unreadable.encoding",
            Unreadable::Scan => "unreadable.scan",
            Unreadable::Encrypted => "unreadable.encrypted",
            Unreadable::OldWord => "unreadable.old_word",
            Unreadable::NotWord => "unreadable.not_word",
            Unreadable::Broken => "unreadable.broken",
            Unreadable::Unsafe => "unreadable.unsafe",
            Unreadable::TooLong => "unreadable.too_long",
        }
    }

    /// What was seen and what to do now, in Vietnamese.
    #[must_use]
    pub fn vi(self) -> &'static str {
        match self {
            Unreadable::Empty => "Tệp rỗng. Hãy chọn lại tệp có nội dung văn bản.",
            Unreadable::Binary { .. } => {
                "Tệp không phải văn bản. Hãy nạp tệp Word (.docx), PDF có lớp chữ hoặc tệp chữ (.txt)."
            }
            Unreadable::Encoding { .. } => "Không xác định được bảng mã của tệp. Hãy lưu lại bằng UTF-8 rồi nạp lại.",
            Unreadable::Scan => {
                "Tệp PDF là bản quét, không có lớp chữ. Hãy nhập hoặc dán nội dung; bản quét vẫn được lưu làm bản gốc."
            }
            Unreadable::Encrypted => "Tệp có mật khẩu. Hãy mở bằng mật khẩu, lưu bản không đặt mật khẩu rồi nạp lại.",
            Unreadable::OldWord => {
                "Tệp Word đời cũ (.doc). Hãy mở bằng Word hoặc LibreOffice, chọn Lưu thành (Save As), loại .docx, rồi nạp lại."
            }
            Unreadable::NotWord => {
                "Tệp nén không chứa văn bản Word. Hãy giải nén và nạp từng tệp .docx, .pdf hoặc .txt."
            }
            Unreadable::Broken => {
                "Tệp bị hỏng hoặc tải chưa hết. Hãy mở thử bằng Word hoặc trình đọc PDF, lưu lại rồi nạp lại."
            }
            Unreadable::Unsafe => {
                "Tệp có cấu trúc bất thường, có thể gây hại nên không được mở. Hãy hỏi lại nơi gửi và quét mã độc."
            }
            Unreadable::TooLong => "Tệp dài hơn mọi văn bản chỉ đạo. Hãy tách riêng phần văn bản rồi nạp lại.",
        }
    }

    /// What was seen and what to do now, in English.
    #[must_use]
    pub fn en(self) -> &'static str {
        match self {
            Unreadable::Empty => "The file is empty. Choose the file that holds the text.",
            Unreadable::Binary { .. } => {
                "The file is not a document. Load a Word file (.docx), a PDF file with a text layer or plain text (.txt)."
            }
            Unreadable::Encoding { .. } => {
                "The encoding of the file cannot be told. Save it as UTF-8 and load it again."
            }
            Unreadable::Scan => {
                "The PDF file is a scan without a text layer. Type or paste its text; the scan is kept as the original."
            }
            Unreadable::Encrypted => {
                "The file has a password. Open it, save a copy without the password and load that."
            }
            Unreadable::OldWord => {
                "An old Word file (.doc). Open it in Word or LibreOffice, choose Save As, type .docx, and load that."
            }
            Unreadable::NotWord => {
                "The archive holds no Word document. Unpack it and load the .docx, .pdf or .txt files."
            }
            Unreadable::Broken => {
                "The file is damaged or cut off. Open it in Word or a PDF reader, save it anew and load that."
            }
            Unreadable::Unsafe => {
                "The file is built so oddly that it might do harm, and was not opened. Ask the sender and scan it for malware."
            }
            Unreadable::TooLong => "The file is longer than any dispatch. Cut the dispatch out of it and load that.",
        }
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code(), self.en())?;
        match self {
            Unreadable::Binary { looks_like: Some(what) } => write!(f, " (looks like {what})"),
            Unreadable::Encoding { at } => write!(f, " (byte {at})"),
            _ => Ok(()),
        }
    }
}

impl std::error::Error for Unreadable {}

/// First bytes of formats that people drop on a page by mistake.
const MAGIC: &[(&[u8], &str)] = &[
    (b"%PDF", "pdf"),
    (b"PK\x03\x04", "docx, xlsx or zip"),
    (b"\xD0\xCF\x11\xE0", "doc or xls"),
    (b"{\\rtf", "rtf"),
    (b"\x89PNG", "png"),
    (b"\xFF\xD8\xFF", "jpeg"),
    (b"GIF8", "gif"),
    (b"II*\x00", "tiff"),
    (b"MM\x00*", "tiff"),
    (b"Rar!", "rar"),
    (b"7z\xBC\xAF", "7z"),
    (b"\x1F\x8B", "gzip"),
    (b"\x7FELF", "program"),
];

/// Reads bytes as text: UTF-8 with or without byte order mark, UTF-16 of either order, composed (NFC), lines ending in
/// a line feed.
///
/// # Errors
/// [`Unreadable`] if the bytes are empty, not text, or text in an encoding that is not Unicode.
pub fn decode(bytes: &[u8]) -> Result<String, Unreadable> {
    if let Some((_, name)) = MAGIC.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        return Err(Unreadable::Binary { looks_like: Some(name) });
    }
    let text = match bytes {
        [0xEF, 0xBB, 0xBF, rest @ ..] => utf8(rest)?,
        [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes)?,
        [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes)?,
        _ => match zeros(bytes) {
            Zeros::None => utf8(bytes)?,
            Zeros::Odd => utf16(bytes, u16::from_le_bytes)?,
            Zeros::Even => utf16(bytes, u16::from_be_bytes)?,
            Zeros::Both => return Err(Unreadable::Binary { looks_like: None }),
        },
    };
    if text.trim().is_empty() {
        return Err(Unreadable::Empty);
    }
    let text = if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n") } else { text };
    Ok(if is_nfc(&text) { text } else { text.nfc().collect() })
}

enum Zeros {
    None,
    Odd,
    Even,
    Both,
}

/// Where zero bytes stand tells UTF-16 without a mark: spaces, digits and line ends have one zero byte each, always on
/// the same side.
fn zeros(bytes: &[u8]) -> Zeros {
    let head = &bytes[..bytes.len().min(4096)];
    let (mut even, mut odd) = (0usize, 0usize);
    for (i, byte) in head.iter().enumerate() {
        if *byte == 0 {
            if i % 2 == 0 { even += 1 } else { odd += 1 }
        }
    }
    if even + odd == 0 {
        return if memchr::memchr(0, bytes).is_some() { Zeros::Both } else { Zeros::None };
    }
    let enough = |n: usize, other: usize| bytes.len().is_multiple_of(2) && n * 10 >= head.len() / 2 && other * 20 <= n;
    if enough(odd, even) {
        Zeros::Odd
    } else if enough(even, odd) {
        Zeros::Even
    } else {
        Zeros::Both
    }
}

fn utf8(bytes: &[u8]) -> Result<String, Unreadable> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let strange = bytes.iter().take(4096).filter(|b| matches!(b, 0..=8 | 14..=26 | 28..=31)).count();
        if strange * 50 > bytes.len().min(4096) {
            Unreadable::Binary { looks_like: None }
        } else {
            Unreadable::Encoding { at: error.valid_up_to() }
        }
    })?;
    controls(text)
}

fn utf16(bytes: &[u8], order: fn([u8; 2]) -> u16) -> Result<String, Unreadable> {
    if !bytes.len().is_multiple_of(2) {
        return Err(Unreadable::Encoding { at: bytes.len() });
    }
    let units = bytes.chunks_exact(2).map(|pair| order([pair[0], pair[1]]));
    let mut text = String::with_capacity(bytes.len());
    let mut at = 0;
    for unit in char::decode_utf16(units) {
        let c = unit.map_err(|_| Unreadable::Encoding { at })?;
        at += c.len_utf16() * 2;
        text.push(c);
    }
    controls(&text)
}

/// Refuses text made of control characters: a program happens to be valid UTF-8 more often than one thinks.
fn controls(text: &str) -> Result<String, Unreadable> {
    let strange = text.bytes().filter(|b| matches!(b, 0..=8 | 14..=26 | 28..=31)).count();
    if strange * 50 > text.len() { Err(Unreadable::Binary { looks_like: None }) } else { Ok(text.to_owned()) }
}
