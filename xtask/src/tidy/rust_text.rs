//! Rust source taken apart just enough for line rules: code without the content of strings, and
//! comments by themselves. Not a parser; it never fails.

/// A source file, line by line.
pub(super) struct RustText {
    pub(super) lines: Vec<Line>,
}

#[derive(Default)]
pub(super) struct Line {
    /// The code, with every string and character literal emptied.
    pub(super) code: String,
    /// The text of comments.
    pub(super) comment: String,
    /// Whether the line lies in a module or function under `#[cfg(test)]`.
    pub(super) in_test: bool,
}

enum Mode {
    Code,
    LineComment,
    /// With its depth: block comments nest.
    BlockComment(usize),
    /// A string literal, closed by a quote and this many `#`; escapes count unless it is raw.
    Text {
        hashes: usize,
        raw: bool,
    },
}

impl RustText {
    pub(super) fn new(source: &str) -> Self {
        let mut lines = split(source);
        mark_tests(&mut lines);
        Self { lines }
    }

    /// Lines that hold code.
    pub(super) fn count(&self, wanted: impl Fn(&Line) -> bool) -> usize {
        let is_code = |line: &&Line| !line.code.trim().is_empty();
        self.lines.iter().filter(is_code).filter(|line| wanted(line)).count()
    }

    /// Lines with their numbers, from 1.
    pub(super) fn numbered(&self) -> impl Iterator<Item = (usize, &Line)> {
        self.lines.iter().enumerate().map(|(index, line)| (index + 1, line))
    }
}

fn split(source: &str) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut mode = Mode::Code;
    for text in source.lines() {
        let mut line = Line::default();
        if matches!(mode, Mode::LineComment) {
            mode = Mode::Code;
        }
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let mut taken = first.len_utf8();
            match &mut mode {
                Mode::Code if rest.starts_with("//") => mode = Mode::LineComment,
                Mode::Code if rest.starts_with("/*") => {
                    taken = 2;
                    mode = Mode::BlockComment(1);
                }
                Mode::Code => {
                    let word_before = line.code.ends_with(is_word);
                    if let Some((length, hashes, raw)) = opening(rest, word_before) {
                        taken = length;
                        line.code.push('"');
                        mode = Mode::Text { hashes, raw };
                    } else if let Some(length) = character(rest) {
                        taken = length;
                        line.code.push_str("' '");
                    } else {
                        line.code.push(first);
                    }
                }
                Mode::LineComment => line.comment.push(first),
                Mode::BlockComment(depth) => {
                    if rest.starts_with("*/") {
                        taken = 2;
                        *depth -= 1;
                        if *depth == 0 {
                            mode = Mode::Code;
                        }
                    } else if rest.starts_with("/*") {
                        taken = 2;
                        *depth += 1;
                    } else {
                        line.comment.push(first);
                    }
                }
                Mode::Text { hashes, raw } => {
                    let closing = format!("\"{}", "#".repeat(*hashes));
                    if !*raw && first == '\\' {
                        taken += rest[taken..].chars().next().map_or(0, char::len_utf8);
                    } else if rest.starts_with(&closing) {
                        taken = closing.len();
                        line.code.push('"');
                        mode = Mode::Code;
                    }
                }
            }
            rest = &rest[taken..];
        }
        lines.push(line);
    }
    lines
}

/// The opening of a string literal: its length, its number of `#`, whether it is raw.
fn opening(rest: &str, word_before: bool) -> Option<(usize, usize, bool)> {
    if rest.starts_with('"') {
        return Some((1, 0, false));
    }
    if word_before {
        return None;
    }
    let prefix = ["br", "cr", "r"].into_iter().find(|prefix| rest.starts_with(prefix))?;
    let after = &rest[prefix.len()..];
    let hashes = after.bytes().take_while(|byte| *byte == b'#').count();
    after[hashes..].starts_with('"').then_some((prefix.len() + hashes + 1, hashes, true))
}

/// The length of a character literal, which a lifetime is not.
fn character(rest: &str) -> Option<usize> {
    let inner = rest.strip_prefix('\'')?;
    let mut letters = inner.char_indices();
    let (_, first) = letters.next()?;
    if first == '\\' {
        letters.next()?;
        return letters.find(|(_, letter)| *letter == '\'').map(|(at, _)| at + 2);
    }
    letters.next().filter(|(_, letter)| *letter == '\'').map(|(at, _)| at + 2)
}

pub(super) fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// Marks what follows `#[cfg(test)]` up to the end of its braces or, without braces, its `;`.
fn mark_tests(lines: &mut [Line]) {
    let mut depth: Option<usize> = None;
    for line in lines {
        if depth.is_none() && line.code.replace(' ', "").contains("#[cfg(test)]") {
            depth = Some(0);
        }
        let Some(mut level) = depth else { continue };
        line.in_test = true;
        for letter in line.code.chars() {
            match letter {
                '{' => level += 1,
                '}' if level <= 1 => {
                    depth = None;
                    break;
                }
                '}' => level -= 1,
                ';' if level == 0 => {
                    depth = None;
                    break;
                }
                _ => {}
            }
        }
        if depth.is_some() {
            depth = Some(level);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(source: &str) -> Vec<String> {
        split(source).into_iter().map(|line| line.code).collect()
    }

    #[test]
    fn strings_are_emptied_and_comments_taken_out() {
        assert_eq!(code(r#"f("a // \" b") // c"#), [r#"f("") "#]);
        assert_eq!(code("r#\"a \" b\"# + 'x' + '\\'' + &'a str"), ["\"\" + ' ' + ' ' + &'a str"]);
        assert_eq!(code("a /* b /* c */ d */ e"), ["a  e"]);
        assert_eq!(code("let bar\"x\" = 1;"), ["let bar\"\" = 1;"]);
        assert_eq!(code("\"one\ntwo\" three"), ["\"", "\" three"]);
    }

    #[test]
    fn comments_are_kept_apart() {
        assert_eq!(split("a(); // see b")[0].comment, "/ see b");
    }

    #[test]
    fn test_modules_are_marked() {
        let text = RustText::new("fn a() {}\n#[cfg(test)]\nmod tests {\n  fn b() {}\n}\nfn c() {}");
        let marked: Vec<_> = text.lines.iter().map(|line| line.in_test).collect();
        assert_eq!(marked, [false, true, true, true, true, false]);
        let text = RustText::new("#[cfg(test)]\nmod tests;\nfn c() {}");
        assert!(!text.lines[2].in_test);
    }
}
