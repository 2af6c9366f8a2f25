//! Passwords: Argon2id (RFC 9106) with the library's parameters for servers.

use argon2::{
    Argon2,
    password_hash::{
        PasswordHash, PasswordHasher as _, PasswordVerifier as _, SaltString, rand_core::OsRng, rand_core::RngCore as _,
    },
};
use tokio::sync::Semaphore;
use vx_kernel::Problem;

use crate::store::migrate::hex;

/// Hashes at the same time: each takes 19 MiB and a core.
static AT_ONCE: Semaphore = Semaphore::const_new(2);
/// Shortest password accepted, in characters.
pub(super) const PASSWORD_MIN: usize = 10;

/// Hashes a password for storage.
///
/// # Errors
/// `accounts.password_too_short` below ten characters.
pub async fn hash_password(password: String) -> Result<String, Problem> {
    if password.chars().count() < PASSWORD_MIN {
        return Err(Problem::refused("accounts.password_too_short").with("min", PASSWORD_MIN));
    }
    let _place = AT_ONCE.acquire().await.map_err(Problem::internal)?;
    tokio::task::spawn_blocking(move || {
        let salt = SaltString::generate(&mut OsRng);
        Argon2::default().hash_password(password.as_bytes(), &salt).map(|hash| hash.to_string())
    })
    .await
    .map_err(Problem::internal)?
    .map_err(|error| Problem::internal(error.to_string()))
}

/// Whether a password fits a stored hash. Without a stored hash (no such account) it takes as long and says no,
/// so that the time of the answer does not tell which names exist.
///
/// # Errors
/// When the stored hash cannot be read, which is our fault.
pub async fn verify_password(password: String, stored: Option<String>) -> Result<bool, Problem> {
    const NOBODY: &str =
        "$argon2id$v=19$m=19456,t=2,p=1$dnVuZ3hhbmgtbm9ib2R5$3J6LrlF2XWQ4Wqk0hXkR7o0vE1q8rXgTj0e8mHn3h2A";
    let _place = AT_ONCE.acquire().await.map_err(Problem::internal)?;
    tokio::task::spawn_blocking(move || {
        let known = stored.is_some();
        let text = stored.unwrap_or_else(|| NOBODY.to_owned());
        let hash = PasswordHash::new(&text).map_err(|error| Problem::internal(error.to_string()))?;
        let fits = Argon2::default().verify_password(password.as_bytes(), &hash).is_ok();
        Ok(fits && known)
    })
    .await
    .map_err(Problem::internal)?
}

/// Random bytes.
pub(super) fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0_u8; N];
    OsRng.fill_bytes(&mut bytes);
    bytes
}

/// 32 random bytes in hexadecimal.
#[must_use]
pub fn random_token() -> String {
    hex(&random_bytes::<32>())
}

/// A password to hand over by word of mouth, changed at first sign-in: four groups without look-alike letters.
#[must_use]
pub fn temporary_password() -> String {
    const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz234567893";
    let letters: Vec<char> =
        random_bytes::<16>().iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect();
    letters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

/// Six digits that somebody types from another device; they hold for a short time and a few tries.
#[must_use]
pub fn short_code() -> String {
    format!("{:06}", u64::from_be_bytes(random_bytes::<8>()) % 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_fits_its_own_hash_only() {
        let hash = hash_password("giữ vững vùng xanh".to_owned()).await.unwrap();
        assert!(hash.starts_with("$argon2id$"));
        assert!(verify_password("giữ vững vùng xanh".to_owned(), Some(hash.clone())).await.unwrap());
        assert!(!verify_password("giu vung vung xanh".to_owned(), Some(hash)).await.unwrap());
        assert!(!verify_password("giữ vững vùng xanh".to_owned(), None).await.unwrap());
        assert_eq!(hash_password("ngắn".to_owned()).await.unwrap_err().code, "accounts.password_too_short");
    }
}
