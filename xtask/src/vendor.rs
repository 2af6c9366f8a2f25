//! `cargo xtask vendor`: front-end files, copied from npm packages of the lock file and committed.
//!
//! No bundler: the browser gets the files as their authors published them. Three files are put
//! together here from parts of a package: the sprite of icons and the font faces of both scripts.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::machine::{self, Tool};
use crate::run;

/// The list of vendored files with their hashes.
pub(crate) const MANIFEST: &str = "assets/vendor/MANIFEST.toml";

/// A package and what we take of it.
struct Package {
    name: &'static str,
    /// Folder below assets/vendor, without the version.
    folder: &'static str,
    /// Paths in the package.
    files: &'static [&'static str],
    licence: Licence,
}

enum Licence {
    /// The package brings its text.
    Inside(&'static str),
    /// It does not; the text lies in web/.
    Ours(&'static str),
}

const TABLER: Package = Package {
    name: "@tabler/core",
    folder: "tabler-core",
    files: &["dist/css/tabler.min.css"],
    licence: Licence::Ours("licences/tabler-core.txt"),
};
const HTMX: Package =
    Package { name: "htmx.org", folder: "htmx", files: &["dist/htmx.min.js"], licence: Licence::Inside("LICENSE") };
const FONT: Package = Package {
    name: "@fontsource/be-vietnam-pro",
    folder: "be-vietnam-pro",
    files: &[
        "files/be-vietnam-pro-latin-400-normal.woff2",
        "files/be-vietnam-pro-latin-500-normal.woff2",
        "files/be-vietnam-pro-latin-700-normal.woff2",
        "files/be-vietnam-pro-latin-ext-400-normal.woff2",
        "files/be-vietnam-pro-latin-ext-500-normal.woff2",
        "files/be-vietnam-pro-latin-ext-700-normal.woff2",
        "files/be-vietnam-pro-vietnamese-400-normal.woff2",
        "files/be-vietnam-pro-vietnamese-500-normal.woff2",
        "files/be-vietnam-pro-vietnamese-700-normal.woff2",
    ],
    licence: Licence::Inside("LICENSE"),
};
/// Be Vietnam Pro has no figures of equal width; in tables we borrow the ten figures of this font.
const FIGURES: Package = Package {
    name: "@fontsource/public-sans",
    folder: "public-sans",
    files: &[
        "files/public-sans-latin-400-normal.woff2",
        "files/public-sans-latin-500-normal.woff2",
        "files/public-sans-latin-700-normal.woff2",
    ],
    licence: Licence::Inside("LICENSE"),
};
/// The letters of Khmer, for public pages in it.
const KHMER: Package = Package {
    name: "@fontsource/noto-sans-khmer",
    folder: "noto-sans-khmer",
    files: &["files/noto-sans-khmer-khmer-400-normal.woff2", "files/noto-sans-khmer-khmer-700-normal.woff2"],
    licence: Licence::Inside("LICENSE"),
};
/// The map. Version 6 has modules only: the page's and the worker's, which must come from our own address.
const MAP: Package = Package {
    name: "maplibre-gl",
    folder: "maplibre-gl",
    files: &["dist/maplibre-gl.mjs", "dist/maplibre-gl-worker.mjs", "dist/maplibre-gl.css"],
    licence: Licence::Inside("LICENSE.txt"),
};
/// Charts that are looked at closely; the full build, since the smaller ones have no cells.
const CHARTS: Package = Package {
    name: "echarts",
    folder: "echarts",
    files: &["dist/echarts.esm.min.mjs", "NOTICE", "licenses/LICENSE-d3"],
    licence: Licence::Inside("LICENSE"),
};
/// What draws for it stands in its file.
const CANVAS: Package = Package { name: "zrender", folder: "zrender", files: &[], licence: Licence::Inside("LICENSE") };
const ICONS: Package =
    Package { name: "@tabler/icons", folder: "tabler-icons", files: &[], licence: Licence::Inside("LICENSE") };

/// Outline icons in the sprite; `<use href="…/icons.svg#home">`.
const SPRITE: &[&str] = &[
    "alert-triangle",
    "arrow-left",
    "arrow-right",
    "ban",
    "bell",
    "building",
    "calendar",
    "check",
    "checks",
    "chevron-down",
    "chevron-right",
    "circle-check",
    "clock",
    "corner-up-left",
    "download",
    "edit",
    "eye",
    "file-text",
    "files",
    "flag",
    "git-branch",
    "home",
    "inbox",
    "info-circle",
    "language",
    "list-details",
    "lock",
    "logout",
    "map",
    "map-pin",
    "menu-2",
    "moon",
    "paperclip",
    "phone",
    "plus",
    "printer",
    "refresh",
    "search",
    "send",
    "settings",
    "sun",
    "trash",
    "upload",
    "user",
    "users",
    "x",
    "zoom-in",
];

/// What `MANIFEST.toml` holds.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Manifest {
    pub(crate) file: Vec<Entry>,
}

/// One vendored file.
#[derive(Serialize, Deserialize)]
pub(crate) struct Entry {
    /// From the folder assets.
    pub(crate) path: String,
    pub(crate) sha256: String,
    package: String,
    version: String,
    licence: String,
}

/// The manifest as committed.
pub(crate) fn read() -> Result<Manifest> {
    let path = run::root().join(MANIFEST);
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {MANIFEST}"))?;
    toml::from_str(&text).with_context(|| format!("cannot understand {MANIFEST}"))
}

/// SHA-256 in hexadecimal digits.
pub(crate) fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a string takes any text");
        text
    })
}

/// Replaces assets/vendor by what the lock file names.
pub(crate) fn vendor() -> Result<()> {
    let machine = machine::prepare(&[Tool::Node, Tool::Npm])?;
    let npm = machine.npm.context("npm is there")?;
    let arguments = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
    run::run(run::command(npm).args(arguments).current_dir(web("")))?;

    let folder = assets("vendor");
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    let mut manifest = Manifest::default();
    for package in [TABLER, HTMX, FONT, FIGURES, KHMER, MAP, CHARTS, CANVAS, ICONS] {
        let installed = Installed::read(&package)?;
        for file in package.files {
            let name = file.rsplit('/').next().unwrap_or(file);
            let bytes = std::fs::read(installed.path(file))?;
            manifest.put(&installed, &format!("{}/{name}", installed.folder), &bytes)?;
        }
        let licence = match package.licence {
            Licence::Inside(name) => installed.path(name),
            Licence::Ours(name) => web(name),
        };
        let text = std::fs::read(licence)?;
        manifest.put(&installed, &format!("{}/LICENSE.txt", installed.folder), &text)?;
        match package.name {
            "@tabler/icons" => manifest.put(&installed, "icons.svg", sprite(&installed)?.as_bytes())?,
            "@fontsource/be-vietnam-pro" => {
                manifest.put(&installed, "fonts.css", faces(&installed)?.as_bytes())?;
            }
            "@fontsource/noto-sans-khmer" => {
                manifest.put(&installed, "khmer.css", khmer_faces(&installed)?.as_bytes())?;
            }
            _ => {}
        }
    }
    manifest.file.sort_by(|one, other| one.path.cmp(&other.path));
    let head = "# Written by `cargo xtask vendor`; `cargo xtask tidy` compares the hashes.\n\n";
    std::fs::write(run::root().join(MANIFEST), format!("{head}{}", toml::to_string(&manifest)?))?;
    println!("{} files in assets/", manifest.file.len());
    Ok(())
}

impl Manifest {
    fn put(&mut self, from: &Installed, path: &str, bytes: &[u8]) -> Result<()> {
        let full = assets(path);
        std::fs::create_dir_all(full.parent().context("a file lies in a folder")?)?;
        std::fs::write(full, bytes)?;
        self.file.push(Entry {
            path: path.to_owned(),
            sha256: hash(bytes),
            package: from.name.clone(),
            version: from.version.clone(),
            licence: from.license.clone(),
        });
        Ok(())
    }
}

/// A package as npm installed it.
#[derive(Deserialize)]
struct Installed {
    name: String,
    version: String,
    license: String,
    /// Where its files go, from the folder assets.
    #[serde(skip)]
    folder: String,
}

impl Installed {
    fn read(package: &Package) -> Result<Self> {
        let path = web(&format!("node_modules/{}/package.json", package.name));
        let text =
            std::fs::read_to_string(&path).with_context(|| format!("the package {} is not installed", package.name))?;
        let mut installed: Self = serde_json::from_str(&text)?;
        installed.folder = format!("vendor/{}-{}", package.folder, installed.version);
        Ok(installed)
    }

    fn path(&self, file: &str) -> PathBuf {
        web(&format!("node_modules/{}/{file}", self.name))
    }

    fn text(&self, file: &str) -> Result<String> {
        std::fs::read_to_string(self.path(file)).with_context(|| format!("{}: {file}", self.name))
    }
}

fn web(path: &str) -> PathBuf {
    run::root().join("web").join(path)
}

fn assets(path: impl AsRef<Path>) -> PathBuf {
    run::root().join("assets").join(path)
}

/// One SVG file with a symbol for each icon.
fn sprite(icons: &Installed) -> Result<String> {
    let mut text = format!(
        "<!-- Tabler Icons {}, MIT licence. Written by `cargo xtask vendor`. -->\n\
         <svg xmlns=\"http://www.w3.org/2000/svg\">\n",
        icons.version
    );
    for name in SPRITE {
        let icon = icons.text(&format!("icons/outline/{name}.svg"))?;
        let shapes: Vec<&str> = icon
            .lines()
            .map(str::trim)
            // The first path only marks the square.
            .filter(|line| line.starts_with("<path") && !line.contains("M0 0h24v24H0z"))
            .collect();
        anyhow::ensure!(!shapes.is_empty(), "the icon {name} has no paths");
        writeln!(
            text,
            "<symbol id=\"{name}\" viewBox=\"0 0 24 24\" fill=\"none\" stroke=\"currentColor\" \
             stroke-width=\"2\" stroke-linecap=\"round\" stroke-linejoin=\"round\">{}</symbol>",
            shapes.concat()
        )?;
    }
    text.push_str("</svg>\n");
    Ok(text)
}

/// The style sheet of font faces: the browser fetches only the subsets that a page shows.
fn faces(font: &Installed) -> Result<String> {
    let figures = Installed::read(&FIGURES)?;
    let ranges: serde_json::Value = serde_json::from_str(&font.text("unicode.json")?)?;
    let mut text = format!(
        "/* Be Vietnam Pro {}, figures of Public Sans {}; SIL Open Font License 1.1.\n   \
         Written by `cargo xtask vendor`. */\n",
        font.version, figures.version
    );
    for weight in [400, 500, 700] {
        for subset in ["vietnamese", "latin-ext", "latin"] {
            let range = ranges[subset].as_str().with_context(|| format!("no range of {subset}"))?;
            let url = format!("{}/be-vietnam-pro-{subset}-{weight}-normal.woff2", font.folder);
            text += &face("Be Vietnam Pro", weight, &url, &format!("unicode-range: {range};"));
        }
        let url = format!("{}/public-sans-latin-{weight}-normal.woff2", figures.folder);
        // As tall as the letters beside them.
        let fitted = "size-adjust: 102.4%;\n  unicode-range: U+0030-0039;";
        text += &face("Vx Figures", weight, &url, fitted);
    }
    Ok(text)
}

/// The style sheet of Khmer letters; pages in Khmer alone name it.
fn khmer_faces(font: &Installed) -> Result<String> {
    let ranges: serde_json::Value = serde_json::from_str(&font.text("unicode.json")?)?;
    let range = ranges["khmer"].as_str().context("no range of khmer")?;
    let mut text = format!(
        "/* Noto Sans Khmer {}; SIL Open Font License 1.1. Written by `cargo xtask vendor`. */\n",
        font.version
    );
    for weight in [400, 700] {
        let url = format!("{}/noto-sans-khmer-khmer-{weight}-normal.woff2", font.folder);
        text += &face("Noto Sans Khmer", weight, &url, &format!("unicode-range: {range};"));
    }
    Ok(text)
}

fn face(family: &str, weight: u32, url: &str, rest: &str) -> String {
    format!(
        "@font-face {{\n  font-family: \"{family}\";\n  font-style: normal;\n  \
         font-weight: {weight};\n  font-display: swap;\n  \
         src: url(\"{url}\") format(\"woff2\");\n  {rest}\n}}\n"
    )
}
