//! Where uploads go.

use crate::error::ApiError;

/// The most bytes of a name: a key of S3 has at most 1,024.
const MOST_BYTES: usize = 255;

/// The key of a file that is uploaded for a source of a job.
///
/// # Errors
/// `BadRequest` for a name that would lead anywhere else.
pub fn drop_key(job: &str, source: &str, file: &str) -> Result<String, ApiError> {
    for (what, name) in [("job", job), ("source", source), ("file", file)] {
        let plain = |letter: char| !letter.is_control() && !"/\\".contains(letter);
        if name.is_empty() || name.len() > MOST_BYTES || name.starts_with('.') || !name.chars().all(plain) {
            let expected = "the name of one file or folder, without `/` and no dot in front";
            return Err(ApiError::bad(format!("{what}: found `{name}`, expected {expected}")));
        }
    }
    Ok(format!("drop/{job}/{source}/{file}"))
}

/// Refuses a source that a job does not have.
///
/// # Errors
/// `NotFound` with the sources there are.
pub fn check_source<'a>(source: &str, sources: impl Iterator<Item = &'a str> + Clone) -> Result<(), ApiError> {
    if sources.clone().any(|known| known == source) {
        return Ok(());
    }
    Err(ApiError::not_found("source", source, sources))
}

#[cfg(test)]
mod tests {
    use super::drop_key;

    #[test]
    fn names_lead_nowhere_else() {
        assert_eq!(drop_key("a", "b", "c d.csv").unwrap(), "drop/a/b/c d.csv");
        for name in ["", ".", "..", ".hidden", "a/b", "a\\b", "a\nb", &"x".repeat(256)] {
            assert!(drop_key("a", "b", name).is_err() && drop_key(name, "b", "c").is_err(), "{name}");
        }
    }
}
