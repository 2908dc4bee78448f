//! The promises of [`Settings`].

use std::thread;

use lotline_store::{Settings, SettingsFiles, SettingsVersion, StoreError};

/// Checks every promise of the settings port.
///
/// # Errors
/// Whatever a call answers that should have worked.
pub fn check(settings: &dyn Settings) -> Result<(), StoreError> {
    unknown_jobs_have_none(settings)?;
    versions_are_kept_and_numbered(settings)?;
    a_stale_writer_is_refused(settings)?;
    one_of_many_writers_is_first(settings)?;
    what_is_too_large_is_refused(settings)
}

fn files(text: &str) -> SettingsFiles {
    [("job.toml", text), ("insights/q\"uote.sql", "SELECT 'ä'")]
        .map(|(path, text)| (path.to_owned(), text.to_owned()))
        .into()
}

fn unknown_jobs_have_none(settings: &dyn Settings) -> Result<(), StoreError> {
    assert_eq!(settings.current("nothing")?, None);
    assert_eq!(settings.history("nothing")?, []);
    assert_eq!(settings.jobs()?, Vec::<String>::new());
    Ok(())
}

fn versions_are_kept_and_numbered(settings: &dyn Settings) -> Result<(), StoreError> {
    assert_eq!(settings.save("kept", &files("one"), None)?, 1);
    assert_eq!(settings.save("kept", &files("two"), Some(1))?, 2);
    assert_eq!(settings.save("kept", &files("two"), Some(1))?, 2, "equal files are no new version");
    let version = |number, text| SettingsVersion { job: "kept".to_owned(), version: number, files: files(text) };
    assert_eq!(settings.current("kept")?, Some(version(2, "two")));
    assert_eq!(settings.history("kept")?, [version(2, "two"), version(1, "one")]);
    assert_eq!(settings.save("other", &files("one"), None)?, 1);
    assert_eq!(settings.jobs()?, ["kept", "other"]);
    Ok(())
}

fn a_stale_writer_is_refused(settings: &dyn Settings) -> Result<(), StoreError> {
    settings.save("stale", &files("one"), None)?;
    for seen in [None, Some(7)] {
        let refused = settings.save("stale", &files("mine"), seen);
        let named = matches!(&refused, Err(StoreError::SettingsConflict { job, found: Some(1), .. }) if job == "stale");
        assert!(named, "{refused:?}");
    }
    assert_eq!(settings.current("stale")?.map(|current| current.files), Some(files("one")));
    Ok(())
}

fn one_of_many_writers_is_first(settings: &dyn Settings) -> Result<(), StoreError> {
    let answers: Vec<_> = thread::scope(|scope| {
        let save = |writer: usize| settings.save("race", &files(&format!("writer {writer}")), None);
        let writers: Vec<_> = (0..6).map(|writer| scope.spawn(move || save(writer))).collect();
        writers.into_iter().filter_map(|writer| writer.join().ok()).collect()
    });
    let first = answers.iter().filter(|answer| matches!(answer, Ok(1))).count();
    let refused = answers.iter().filter(|answer| matches!(answer, Err(StoreError::SettingsConflict { .. }))).count();
    assert_eq!((first, refused), (1, 5), "{answers:?}");
    assert_eq!(settings.history("race")?.len(), 1);
    Ok(())
}

fn what_is_too_large_is_refused(settings: &dyn Settings) -> Result<(), StoreError> {
    let refused = settings.save("large", &files(&"x".repeat(400_000)), None);
    assert!(matches!(refused, Err(StoreError::SettingsTooLarge { .. })), "{refused:?}");
    assert_eq!(settings.current("large")?, None);
    settings.save("large", &files(&"x".repeat(380_000)), None).map(drop)
}
