//! Reading alerts.

use crate::{
    fault::{Code, Fault},
    tree::{self, Element},
    types::*,
};

const SPACES: [&str; 3] =
    ["urn:oasis:names:tc:emergency:cap:1.2", "urn:oasis:names:tc:emergency:cap:1.1", "http://www.incident.com/cap/1.0"];

/// Reads one alert: what it says with what is doubtful in it, or everything that stands against it.
///
/// # Errors
/// All faults, when one of them [is an error](Fault::is_error).
pub fn read(bytes: &[u8]) -> Result<(Alert, Vec<Fault>), Vec<Fault>> {
    let root = tree::read(bytes).map_err(|fault| vec![fault])?;
    if !is_alert(&root) {
        return Err(vec![Fault::new(Code::NoAlert, "", Some(root.line), root.name)]);
    }
    alert(&root)
}

/// Reads every alert of a document: a feed, a distribution element, or one alert. Each is read for itself.
///
/// # Errors
/// When the document cannot be read.
#[expect(clippy::type_complexity, reason = "a row of what `read` gives")]
pub fn read_all(bytes: &[u8]) -> Result<Vec<Result<(Alert, Vec<Fault>), Vec<Fault>>>, Fault> {
    fn find<'e>(element: &'e Element, found: &mut Vec<&'e Element>) {
        if is_alert(element) {
            found.push(element);
        } else {
            element.children.iter().for_each(|child| find(child, found));
        }
    }
    let root = tree::read(bytes)?;
    let mut found = Vec::new();
    find(&root, &mut found);
    Ok(found.into_iter().map(alert).collect())
}

fn is_alert(element: &Element) -> bool {
    element.name == "alert" && SPACES.contains(&element.space.as_str())
}

/// An element that is being read, where it stands, and what was found against it.
struct At<'e, 'f> {
    element: &'e Element,
    path: String,
    faults: &'f mut Vec<Fault>,
}

impl<'e> At<'e, '_> {
    fn fault(&mut self, code: Code, name: &str, line: usize, detail: &str) {
        self.faults.push(Fault::new(code, &format!("{}/{name}", self.path), Some(line), detail));
    }

    fn all(&self, name: &str) -> Vec<&'e Element> {
        let space = &self.element.space;
        self.element.children.iter().filter(|child| child.name == name && child.space == *space).collect()
    }

    /// The text of an optional element. One that is there and empty says nothing, and is told.
    fn some(&mut self, name: &str) -> Option<(String, usize)> {
        let all = self.all(name);
        if let Some(second) = all.get(1) {
            self.fault(Code::Twice, name, second.line, "");
        }
        let first = all.first()?;
        let text = first.text.trim();
        if text.is_empty() {
            self.fault(Code::Empty, name, first.line, "");
            return None;
        }
        Some((text.to_owned(), first.line))
    }

    fn text(&mut self, name: &str) -> Option<String> {
        self.some(name).map(|(text, _)| text)
    }

    fn needed(&mut self, name: &str) -> (String, usize) {
        let empty_at = self.faults.len();
        self.some(name).unwrap_or_else(|| {
            // That it is empty is that it is missing.
            self.faults.truncate(empty_at);
            self.fault(Code::Missing, name, self.element.line, "");
            (String::new(), self.element.line)
        })
    }

    fn texts(&mut self, name: &str) -> Vec<String> {
        let mut texts = Vec::new();
        for element in self.all(name) {
            match element.text.trim() {
                "" => self.fault(Code::Empty, name, element.line, ""),
                text => texts.push(text.to_owned()),
            }
        }
        texts
    }

    /// A word of a closed list that must be there; `usual` where it is not, which is told.
    fn word<T>(&mut self, name: &str, parse: impl Fn(&str) -> Option<T>, usual: T) -> T {
        let (text, line) = self.needed(name);
        match parse(&text) {
            Some(word) => word,
            None if text.is_empty() => usual,
            None => {
                self.fault(Code::Word, name, line, &text);
                usual
            }
        }
    }

    fn words<T>(&mut self, name: &str, parse: impl Fn(&str) -> Option<T>) -> Vec<T> {
        let mut words = Vec::new();
        for element in self.all(name) {
            let text = element.text.trim();
            match parse(text) {
                Some(word) => words.push(word),
                None => self.fault(Code::Word, name, element.line, text),
            }
        }
        words
    }

    fn moment(&mut self, name: &str) -> Option<Moment> {
        let (text, line) = self.some(name)?;
        let moment = text.parse().ok();
        if moment.is_none() {
            self.fault(Code::Moment, name, line, &text);
        }
        moment
    }

    fn number<T: std::str::FromStr>(&mut self, name: &str) -> Option<T> {
        let (text, line) = self.some(name)?;
        let number = text.parse().ok();
        if number.is_none() {
            self.fault(Code::Number, name, line, &text);
        }
        number
    }

    fn named(&mut self, name: &str) -> Vec<Named> {
        let mut named = Vec::new();
        for (n, element) in self.all(name).into_iter().enumerate() {
            let path = format!("{}/{name}[{}]", self.path, n + 1);
            let mut at = At { element, path, faults: self.faults };
            named.push(Named { name: at.needed("valueName").0, value: at.text("value").unwrap_or_default() });
        }
        named
    }

    /// A group of words, parted by spaces; such with spaces stand in quotation marks (section 3.2.1, `addresses`).
    fn group(&mut self, name: &str) -> Vec<String> {
        let Some((text, _)) = self.some(name) else { return Vec::new() };
        let (mut group, mut word, mut quoted) = (Vec::new(), String::new(), false);
        for character in text.chars() {
            match character {
                '"' => quoted = !quoted,
                c if c.is_whitespace() && !quoted => {
                    group.extend(Some(std::mem::take(&mut word)).filter(|w| !w.is_empty()))
                }
                c => word.push(c),
            }
        }
        group.extend(Some(word).filter(|word| !word.is_empty()));
        group
    }

    fn parts<T>(&mut self, name: &str, read: impl Fn(&mut At<'e, '_>) -> T) -> Vec<T> {
        let mut parts = Vec::new();
        for (n, element) in self.all(name).into_iter().enumerate() {
            let path = format!("{}/{name}[{}]", self.path, n + 1);
            parts.push(read(&mut At { element, path, faults: self.faults }));
        }
        parts
    }
}

fn alert(element: &Element) -> Result<(Alert, Vec<Fault>), Vec<Fault>> {
    let mut faults = Vec::new();
    let mut at = At { element, path: "alert".to_owned(), faults: &mut faults };
    let mut name = |name: &str| {
        let (text, line) = at.needed(name);
        if text.contains(|c: char| c.is_whitespace() || matches!(c, ',' | '<' | '&')) {
            at.fault(Code::Name, name, line, &text);
        }
        text
    };
    let (identifier, sender) = (name("identifier"), name("sender"));
    let (text, line) = at.needed("sent");
    let sent = text.parse().ok();
    if sent.is_none() && !text.is_empty() {
        at.fault(Code::Moment, "sent", line, &text);
    }
    let epoch = Moment { at: jiff::Timestamp::UNIX_EPOCH, offset: jiff::tz::Offset::UTC };
    let alert = Alert {
        identifier,
        sender,
        sent: sent.unwrap_or(epoch),
        status: at.word("status", Status::parse, Status::Draft),
        kind: at.word("msgType", MessageKind::parse, MessageKind::Alert),
        source: at.text("source"),
        scope: at.word("scope", Scope::parse, Scope::Public),
        restriction: at.text("restriction"),
        addresses: at.group("addresses"),
        codes: at.texts("code"),
        note: at.text("note"),
        references: at.group("references"),
        incidents: at.group("incidents"),
        infos: at.parts("info", info),
    };
    // What the elements say together; where each stands was told above.
    faults.extend(alert.together());
    faults.sort_by_key(|fault| fault.line.unwrap_or(usize::MAX));
    if faults.iter().any(Fault::is_error) { Err(faults) } else { Ok((alert, faults)) }
}

fn info(at: &mut At<'_, '_>) -> Statement {
    // CAP 1.0 knew one word more, which 1.1 says to read as "Likely".
    let certainty = |text: &str| if text == "Very Likely" { Some(Certainty::Likely) } else { Certainty::parse(text) };
    let categories = at.words("category", Category::parse);
    if categories.is_empty() && at.all("category").is_empty() && at.element.space != SPACES[2] {
        at.fault(Code::Missing, "category", at.element.line, "");
    }
    Statement {
        language: at.text("language").unwrap_or_else(|| "en-US".to_owned()),
        categories,
        event: at.needed("event").0,
        responses: at.words("responseType", Response::parse),
        urgency: at.word("urgency", Urgency::parse, Urgency::Unknown),
        severity: at.word("severity", Severity::parse, Severity::Unknown),
        certainty: at.word("certainty", certainty, Certainty::Unknown),
        audience: at.text("audience"),
        event_codes: at.named("eventCode"),
        effective: at.moment("effective"),
        onset: at.moment("onset"),
        expires: at.moment("expires"),
        sender_name: at.text("senderName"),
        headline: at.text("headline"),
        description: at.text("description"),
        instruction: at.text("instruction"),
        web: at.text("web"),
        contact: at.text("contact"),
        parameters: at.named("parameter"),
        resources: at.parts("resource", resource),
        areas: at.parts("area", area),
    }
}

fn resource(at: &mut At<'_, '_>) -> Resource {
    Resource {
        name: at.needed("resourceDesc").0,
        mime_type: if at.element.space == SPACES[0] {
            at.needed("mimeType").0
        } else {
            at.text("mimeType").unwrap_or_default()
        },
        size: at.number("size"),
        uri: at.text("uri"),
        digest: at.text("digest"),
    }
}

/// `38.47,-120.14`
fn point(text: &str) -> Option<Point> {
    let (lat, lon) = text.split_once(',')?;
    let point = Point { lat: lat.trim().parse().ok()?, lon: lon.trim().trim_end_matches(',').parse().ok()? };
    point.is_on_earth().then_some(point)
}

fn area(at: &mut At<'_, '_>) -> Area {
    let (mut polygons, mut circles) = (Vec::new(), Vec::new());
    for element in at.all("polygon") {
        let text = element.text.trim();
        if text.is_empty() {
            at.fault(Code::Empty, "polygon", element.line, "");
            continue;
        }
        let points: Option<Vec<Point>> = text.split_whitespace().map(point).collect();
        match points {
            None => at.fault(Code::Point, "polygon", element.line, text),
            Some(points) if points.len() < 4 => at.fault(Code::Short, "polygon", element.line, text),
            Some(points) => {
                if points.first() != points.last() {
                    at.fault(Code::Open, "polygon", element.line, text);
                }
                polygons.push(points);
            }
        }
    }
    for element in at.all("circle") {
        let text = element.text.trim();
        let read = || {
            let (middle, radius) = text.split_once(char::is_whitespace)?;
            let radius_km: f64 = radius.trim().parse().ok()?;
            (radius_km >= 0.0 && radius_km.is_finite()).then_some(Circle { middle: point(middle)?, radius_km })
        };
        match read() {
            Some(circle) => circles.push(circle),
            None => at.fault(if text.is_empty() { Code::Empty } else { Code::Point }, "circle", element.line, text),
        }
    }
    Area {
        name: at.needed("areaDesc").0,
        polygons,
        circles,
        geocodes: at.named("geocode"),
        altitude: at.number("altitude"),
        ceiling: at.number("ceiling"),
    }
}
