//! Writing alerts as CAP 1.2.

use quick_xml::escape::escape;

use crate::types::*;

/// Elements one after the other, each on a line.
pub(crate) struct Writer {
    out: String,
    depth: usize,
}

impl Writer {
    pub(crate) fn new() -> Self {
        Self { out: "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned(), depth: 0 }
    }

    pub(crate) fn finish(self) -> String {
        self.out
    }

    fn line(&mut self, text: &str) {
        self.out.extend(std::iter::repeat_n("  ", self.depth));
        self.out.push_str(text);
        self.out.push('\n');
    }

    /// An element with text. Characters that XML has no place for are left out.
    pub(crate) fn text(&mut self, name: &str, text: &str) {
        let sound = |c: &char| matches!(c, '\t' | '\n' | '\r') || (*c >= ' ' && !matches!(c, '\u{fffe}' | '\u{ffff}'));
        let text: String = text.trim().chars().filter(sound).collect();
        self.line(&format!("<{name}>{}</{name}>", escape(text.as_str())));
    }

    pub(crate) fn some(&mut self, name: &str, text: Option<&str>) {
        if let Some(text) = text.filter(|text| !text.trim().is_empty()) {
            self.text(name, text);
        }
    }

    pub(crate) fn empty(&mut self, tag: &str) {
        self.line(&format!("<{tag}/>"));
    }

    pub(crate) fn within(&mut self, name: &str, attributes: &str, inner: impl FnOnce(&mut Self)) {
        self.line(&format!("<{name}{attributes}>"));
        self.depth += 1;
        inner(self);
        self.depth -= 1;
        self.line(&format!("</{name}>"));
    }

    fn group(&mut self, name: &str, group: &[String]) {
        let quoted =
            |word: &String| if word.contains(char::is_whitespace) { format!("\"{word}\"") } else { word.clone() };
        let group: Vec<String> =
            group.iter().map(|word| word.replace('"', "")).filter(|word| !word.is_empty()).collect();
        if !group.is_empty() {
            self.text(name, &group.iter().map(quoted).collect::<Vec<_>>().join(" "));
        }
    }

    fn named(&mut self, name: &str, all: &[Named]) {
        for named in all {
            self.within(name, "", |to| {
                to.text("valueName", &named.name);
                to.text("value", &named.value);
            });
        }
    }
}

fn said(point: Point) -> String {
    format!("{},{}", point.lat, point.lon)
}

impl Alert {
    /// The alert as CAP 1.2, elements in the order of the schema. The same alert gives the same bytes.
    #[must_use]
    pub fn xml(&self) -> String {
        let mut to = Writer::new();
        self.put(&mut to);
        to.finish()
    }

    fn put(&self, to: &mut Writer) {
        to.within("alert", " xmlns=\"urn:oasis:names:tc:emergency:cap:1.2\"", |to| {
            to.text("identifier", &self.identifier);
            to.text("sender", &self.sender);
            to.text("sent", &self.sent.to_string());
            to.text("status", self.status.as_str());
            to.text("msgType", self.kind.as_str());
            to.some("source", self.source.as_deref());
            to.text("scope", self.scope.as_str());
            to.some("restriction", self.restriction.as_deref());
            to.group("addresses", &self.addresses);
            self.codes.iter().for_each(|code| to.text("code", code));
            to.some("note", self.note.as_deref());
            to.group("references", &self.references);
            to.group("incidents", &self.incidents);
            self.infos.iter().for_each(|info| put_info(to, info));
        });
    }
}

fn put_info(to: &mut Writer, info: &Statement) {
    to.within("info", "", |to| {
        to.text("language", &info.language);
        info.categories.iter().for_each(|category| to.text("category", category.as_str()));
        to.text("event", &info.event);
        info.responses.iter().for_each(|response| to.text("responseType", response.as_str()));
        to.text("urgency", info.urgency.as_str());
        to.text("severity", info.severity.as_str());
        to.text("certainty", info.certainty.as_str());
        to.some("audience", info.audience.as_deref());
        to.named("eventCode", &info.event_codes);
        for (name, moment) in [("effective", info.effective), ("onset", info.onset), ("expires", info.expires)] {
            to.some(name, moment.map(|moment| moment.to_string()).as_deref());
        }
        to.some("senderName", info.sender_name.as_deref());
        to.some("headline", info.headline.as_deref());
        to.some("description", info.description.as_deref());
        to.some("instruction", info.instruction.as_deref());
        to.some("web", info.web.as_deref());
        to.some("contact", info.contact.as_deref());
        to.named("parameter", &info.parameters);
        for resource in &info.resources {
            to.within("resource", "", |to| {
                to.text("resourceDesc", &resource.name);
                to.text("mimeType", &resource.mime_type);
                to.some("size", resource.size.map(|size| size.to_string()).as_deref());
                to.some("uri", resource.uri.as_deref());
                to.some("digest", resource.digest.as_deref());
            });
        }
        for area in &info.areas {
            to.within("area", "", |to| {
                to.text("areaDesc", &area.name);
                for polygon in &area.polygons {
                    to.text("polygon", &polygon.iter().map(|point| said(*point)).collect::<Vec<_>>().join(" "));
                }
                for circle in &area.circles {
                    to.text("circle", &format!("{} {}", said(circle.middle), circle.radius_km));
                }
                to.named("geocode", &area.geocodes);
                to.some("altitude", area.altitude.map(|feet| feet.to_string()).as_deref());
                to.some("ceiling", area.ceiling.map(|feet| feet.to_string()).as_deref());
            });
        }
    });
}
