//! Style, script, font and icon files, built into the program.

use std::{collections::BTreeMap, sync::LazyLock};

use axum::{
    extract::Path,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use rust_embed::RustEmbed;

use crate::store::migrate::hex;

#[derive(RustEmbed)]
#[folder = "../../assets"]
#[exclude = "*.md"]
#[exclude = "*.toml"]
struct Assets;

static ADDRESSES: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    Assets::iter()
        .filter_map(|name| {
            let file = Assets::get(&name)?;
            let mark = hex(file.metadata.sha256_hash().get(..6)?);
            Some((name.to_string(), format!("/assets/{name}?v={mark}")))
        })
        .collect()
});

/// The address of an asset, with a mark of its content, so that browsers may keep it for ever.
#[must_use]
pub fn asset(name: &str) -> &str {
    ADDRESSES.get(name).map_or("/assets/missing", String::as_str)
}

pub(super) async fn serve(Path(name): Path<String>) -> Response {
    let Some(file) = Assets::get(&name) else { return StatusCode::NOT_FOUND.into_response() };
    let kind = match name.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("woff2") => "font/woff2",
        Some("png") => "image/png",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable")),
    ];
    (headers, file.data).into_response()
}
