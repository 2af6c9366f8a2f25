//! Every text people read, in Vietnamese and English, by key (Fluent files beside each module).
//!
//! A further language is a [`Catalogue`] of who needs it: Khmer is one of the public portal alone.

use std::{borrow::Cow, collections::BTreeMap};

use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};
use vx_kernel::{Problem, time::Lang};

/// A module's texts.
#[derive(Clone, Copy)]
pub struct Texts {
    /// Fluent text in Vietnamese.
    pub vi: &'static str,
    /// The same keys in English.
    pub en: &'static str,
}

/// The platform's own texts.
pub const PLATFORM: Texts = Texts { vi: include_str!("../words.vi.ftl"), en: include_str!("../words.en.ftl") };

/// A value that a text names.
pub type Arg<'a> = (&'a str, FluentValue<'a>);

/// Texts in one language.
pub struct Catalogue(FluentBundle<FluentResource>);

impl Catalogue {
    /// The texts of Fluent files.
    ///
    /// # Errors
    /// A sentence naming the text that does not parse or the key that stands twice.
    pub fn new(lang: Lang, sources: impl IntoIterator<Item = &'static str>) -> Result<Self, String> {
        let tag = lang.tag().parse().map_err(|error| format!("{error}"))?;
        let mut bundle = FluentBundle::new_concurrent(vec![tag]);
        // Marks around values confuse screen readers' spelling and copied text; all languages run one way.
        bundle.set_use_isolating(false);
        for source in sources {
            let resource = FluentResource::try_new(source.to_owned())
                .map_err(|(_, errors)| format!("a words file does not parse: {errors:?}"))?;
            bundle.add_resource(resource).map_err(|errors| format!("a key stands twice: {errors:?}"))?;
        }
        Ok(Self(bundle))
    }

    /// Whether a key has a text.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        let (key, attribute) = key.split_once('.').map_or((key, None), |(key, attribute)| (key, Some(attribute)));
        self.0.get_message(key).is_some_and(|message| match attribute {
            None => message.value().is_some(),
            Some(name) => message.get_attribute(name).is_some(),
        })
    }

    /// The text of a key; `key.attribute` names an attribute. A key without text shows itself in brackets, and tests
    /// over all keys in the sources keep that from happening.
    #[must_use]
    pub fn say(&self, key: &str, args: &[Arg<'_>]) -> String {
        let (name, attribute) = key.split_once('.').map_or((key, None), |(key, attribute)| (key, Some(attribute)));
        let pattern = self.0.get_message(name).and_then(|message| match attribute {
            None => message.value(),
            Some(attribute) => message.get_attribute(attribute).map(|attribute| attribute.value()),
        });
        let Some(pattern) = pattern else { return format!("[{key}]") };
        let mut values = FluentArgs::with_capacity(args.len());
        for (name, value) in args {
            values.set(Cow::Borrowed(*name), value.clone());
        }
        let mut errors = Vec::new();
        self.0.format_pattern(pattern, Some(&values), &mut errors).into_owned()
    }
}

/// All texts of the program.
pub struct Words {
    vi: Catalogue,
    en: Catalogue,
}

impl Words {
    /// Puts the modules' texts together.
    ///
    /// # Errors
    /// A sentence naming the text that does not parse or the key that stands twice.
    pub fn new(texts: impl IntoIterator<Item = Texts>) -> Result<Self, String> {
        let all: Vec<Texts> = std::iter::once(PLATFORM).chain(texts).collect();
        let vi = Catalogue::new(Lang::Vi, all.iter().map(|text| text.vi))?;
        Ok(Self { vi, en: Catalogue::new(Lang::En, all.iter().map(|text| text.en))? })
    }

    fn of(&self, lang: Lang) -> &Catalogue {
        match lang {
            Lang::En => &self.en,
            // What is not told to the public has no Khmer; the portal says what it tells from a catalogue of its own.
            Lang::Vi | Lang::Km => &self.vi,
        }
    }

    /// Whether a key has a text.
    #[must_use]
    pub fn has(&self, lang: Lang, key: &str) -> bool {
        self.of(lang).has(key)
    }

    /// The text of a key, as [`Catalogue::say`].
    #[must_use]
    pub fn say(&self, lang: Lang, key: &str, args: &[Arg<'_>]) -> String {
        self.of(lang).say(key, args)
    }

    /// What happened and what to do now, for a problem.
    #[must_use]
    pub fn problem(&self, lang: Lang, problem: &Problem) -> (String, String) {
        let key = problem_key(problem.code);
        // A value that begins with @ is itself the key of a text: a state, a verb.
        let said = |value: &String| match value.strip_prefix('@') {
            Some(key) if self.has(lang, key) => self.say(lang, key, &[]),
            // A field that no page names in words is told by its name in the form.
            Some(key) => key.trim_start_matches("field-").to_owned(),
            None => value.clone(),
        };
        let args: Vec<Arg<'_>> =
            problem.args.iter().map(|(name, value)| (*name, FluentValue::from(said(value)))).collect();
        (self.say(lang, &key, &args), self.say(lang, &format!("{key}.todo"), &args))
    }
}

/// The key of a problem's text: dots may not stand in a key.
#[must_use]
pub fn problem_key(code: &str) -> String {
    format!("problem-{}", code.replace('.', "-"))
}

/// Keys and the values each names, of one Fluent text; for the test that both languages have the same.
#[must_use]
pub fn keys(source: &str) -> BTreeMap<String, Vec<String>> {
    let mut out: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut key = String::new();
    for line in source.lines() {
        let starts_key = line.chars().next().is_some_and(|c| c.is_ascii_lowercase());
        if starts_key && let Some((name, _)) = line.split_once('=') {
            key = name.trim().to_owned();
            out.entry(key.clone()).or_default();
        } else if let Some((name, _)) = line.trim_start().strip_prefix('.').and_then(|rest| rest.split_once('=')) {
            let base = key.split('.').next().unwrap_or_default().to_owned();
            key = format!("{base}.{}", name.trim());
            out.entry(key.clone()).or_default();
        }
        for piece in line.split("{").skip(1) {
            if let Some(name) = piece.trim_start().strip_prefix('$') {
                let name: String = name.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                let values = out.entry(key.clone()).or_default();
                if !values.contains(&name) {
                    values.push(name);
                    values.sort();
                }
            }
        }
    }
    out
}
