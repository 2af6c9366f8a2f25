//! `vungxanh journal`: the chain of the journal on the command line.

use std::io::Write;

use clap::{Args, Subcommand};
use vx_kernel::time::{Lang, say_count, say_short};
use vx_platform::{
    journal::{self, Published, Verdict},
    web::App,
};

use crate::said;

/// What can be asked of the journal. `S` says where the data are.
#[derive(Subcommand)]
pub enum Journal<S: Args> {
    /// Kiểm tra chuỗi niêm phong của nhật ký. / Checks the sealed chain of the journal; exit code 1 when it is not sound.
    Verify {
        #[command(flatten)]
        #[expect(missing_docs, reason = "its own texts stand in the help")]
        data: S,
        /// First block to check; everything before it is taken as it is.
        #[arg(long, default_value_t = 1)]
        from: i64,
        /// A block and its hash (or the first 16 digits of it) as it was published: 1204:3f0c19aa5be27741. May be repeated.
        #[arg(long, value_name = "NUMBER:HASH")]
        expect: Vec<String>,
    },
    /// In khối mới nhất để công bố. / Prints the newest block and its hash, to be published.
    Head {
        #[command(flatten)]
        #[expect(missing_docs, reason = "its own texts stand in the help")]
        data: S,
    },
    /// Niêm phong phần nhật ký do bản phần mềm cũ ghi. / Seals what an older program wrote; newer ones seal each commit.
    Seal {
        #[command(flatten)]
        #[expect(missing_docs, reason = "its own texts stand in the help")]
        data: S,
    },
}

impl<S: Args> Journal<S> {
    /// Where the data are.
    #[must_use]
    pub fn data(&self) -> &S {
        match self {
            Self::Verify { data, .. } | Self::Head { data } | Self::Seal { data } => data,
        }
    }
}

/// Does it; returns whether all is well.
///
/// # Errors
/// When the database is away, or an expected hash is not one.
pub async fn run<S: Args>(app: &App, command: Journal<S>, out: &mut impl Write) -> anyhow::Result<bool> {
    match command {
        Journal::Verify { from, expect, .. } => {
            let published: Vec<Published> =
                expect.iter().map(|text| text.parse()).collect::<Result<_, _>>().map_err(said)?;
            let verdict = journal::verify(&mut app.db().read().await.map_err(said)?, from, &published).await;
            let verdict = verdict.map_err(said)?;
            for lang in [Lang::Vi, Lang::En] {
                write!(out, "{}", report(app, lang, &verdict))?;
            }
            Ok(verdict.is_sound())
        }
        Journal::Head { .. } => {
            let mut conn = app.db().read().await.map_err(said)?;
            match journal::head(&mut conn).await.map_err(said)? {
                Some(head) => {
                    let block = journal::seal::block(&mut conn, head.number).await.map_err(said)?;
                    let at = block.map(|block| block.sealed_at).unwrap_or_default();
                    writeln!(out, "{head}")?;
                    for lang in [Lang::Vi, Lang::En] {
                        let args = [
                            ("block", head.number.to_string().into()),
                            ("hash", head.short().into()),
                            ("at", say_short(lang, at).into()),
                        ];
                        writeln!(out, "{}", app.words().say(lang, "journal-head-said", &args))?;
                    }
                }
                None => {
                    for lang in [Lang::Vi, Lang::En] {
                        writeln!(out, "{}", app.words().say(lang, "journal-no-head", &[]))?;
                    }
                }
            }
            Ok(true)
        }
        Journal::Seal { .. } => {
            let sealed = journal::seal_old(app.db()).await.map_err(said)?;
            for lang in [Lang::Vi, Lang::En] {
                let args = [("n", say_count(lang, sealed).into())];
                writeln!(out, "{}", app.words().say(lang, "journal-sealed-said", &args))?;
            }
            Ok(true)
        }
    }
}

/// What a walk found, in sentences.
#[must_use]
pub fn report(app: &App, lang: Lang, verdict: &Verdict) -> String {
    let say = |key: &str, args: &[(&str, String)]| {
        let args: Vec<_> = args.iter().map(|(name, value)| (*name, value.clone().into())).collect();
        app.words().say(lang, key, &args) + "\n"
    };
    let mut text = say(
        "journal-walked",
        &[("blocks", say_count(lang, verdict.blocks)), ("entries", say_count(lang, verdict.entries))],
    );
    if let Some(head) = &verdict.head {
        text += &say("journal-newest", &[("block", head.number.to_string()), ("hash", head.short())]);
    }
    if verdict.unsealed > 0 {
        text += &say("journal-unsealed", &[("n", say_count(lang, verdict.unsealed))]);
    }
    for fault in &verdict.faults {
        text += &(String::from("  – ") + &say(fault.key(), &fault.args()));
    }
    let rest = verdict.n_faults - verdict.faults.len();
    if rest > 0 {
        text += &say("journal-more-faults", &[("n", say_count(lang, i64::try_from(rest).unwrap_or(i64::MAX)))]);
    }
    text += &say(if verdict.is_sound() { "journal-sound" } else { "journal-not-sound" }, &[]);
    text
}
