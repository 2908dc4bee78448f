//! The promises of [`Objects`].

use std::{io::Write, thread};

use lotline_store::{Objects, StoreError};

/// Checks every promise of the objects port.
///
/// # Errors
/// Whatever a call answers that should have worked.
pub fn check(objects: &dyn Objects) -> Result<(), StoreError> {
    absent_keys_are_none_or_named(objects)?;
    put_replaces_the_whole(objects)?;
    put_if_absent_keeps_the_first(objects)?;
    one_of_many_is_first(objects)?;
    writers_show_nothing_before_commit(objects)?;
    ranges_read_as_written(objects)?;
    open_objects_outlive_replacement(objects)?;
    a_named_version_outlives_replacement(objects)?;
    listings_are_sorted_and_by_characters(objects)?;
    deleting_is_repeatable(objects)?;
    bad_keys_are_refused(objects)
}

fn absent_keys_are_none_or_named(objects: &dyn Objects) -> Result<(), StoreError> {
    assert_eq!(objects.get("absent/key")?, None);
    assert!(!objects.exists("absent/key")?);
    assert_eq!(objects.list("absent/")?, []);
    let opened = objects.open("absent/key").map(|_| ());
    assert!(matches!(&opened, Err(StoreError::NotFound { key }) if key == "absent/key"), "{opened:?}");
    objects.put("absent/folder/object", b"x")?;
    assert_eq!(objects.get("absent/folder")?, None, "a prefix is no object");
    assert!(!objects.exists("absent/folder")?);
    assert!(matches!(objects.open("absent/folder").map(|_| ()), Err(StoreError::NotFound { .. })));
    Ok(())
}

fn put_replaces_the_whole(objects: &dyn Objects) -> Result<(), StoreError> {
    objects.put("put/a", b"first and longer")?;
    objects.put("put/a", b"second")?;
    assert_eq!(objects.get("put/a")?.as_deref(), Some(b"second".as_slice()));
    objects.put("put/empty", b"")?;
    assert_eq!(objects.get("put/empty")?, Some(Vec::new()));
    assert_eq!(objects.open("put/empty")?.len(), 0);
    Ok(())
}

fn put_if_absent_keeps_the_first(objects: &dyn Objects) -> Result<(), StoreError> {
    assert!(objects.put_if_absent("first/a", b"first")?);
    assert!(!objects.put_if_absent("first/a", b"second")?);
    assert_eq!(objects.get("first/a")?.as_deref(), Some(b"first".as_slice()));
    objects.delete("first/a")?;
    assert!(objects.put_if_absent("first/a", b"third")?, "a deleted key is free again");
    Ok(())
}

fn one_of_many_is_first(objects: &dyn Objects) -> Result<(), StoreError> {
    let answers: Vec<_> = thread::scope(|scope| {
        let racers: Vec<_> = (0..8_u8)
            .map(|racer| scope.spawn(move || objects.put_if_absent("race/a", &[racer; 1000]).map(|won| (racer, won))))
            .collect();
        racers.into_iter().map(thread::ScopedJoinHandle::join).collect()
    });
    let mut winners = Vec::new();
    for answer in answers {
        let Ok(answer) = answer else { unreachable!("a racer panicked") };
        let (racer, won) = answer?;
        winners.extend(won.then_some(racer));
    }
    assert_eq!(winners.len(), 1, "winners: {winners:?}");
    assert_eq!(objects.get("race/a")?, Some(vec![winners[0]; 1000]), "the winner's bytes, whole");
    Ok(())
}

fn writers_show_nothing_before_commit(objects: &dyn Objects) -> Result<(), StoreError> {
    objects.put("writer/kept", b"old")?;
    let mut kept = objects.create("writer/kept")?;
    let mut dropped = objects.create("writer/dropped")?;
    let megabyte = vec![7_u8; 1 << 20];
    for writer in [&mut kept, &mut dropped] {
        writer.write_all(&megabyte).map_err(|error| StoreError::from_io("writer", error))?;
        writer.flush().map_err(|error| StoreError::from_io("writer", error))?;
    }
    assert!(!objects.exists("writer/dropped")?);
    assert_eq!(objects.get("writer/kept")?.as_deref(), Some(b"old".as_slice()));
    assert_eq!(objects.list("writer/")?.len(), 1);
    drop(dropped);
    kept.commit()?;
    assert!(!objects.exists("writer/dropped")?);
    assert_eq!(objects.get("writer/kept")?, Some(megabyte));
    Ok(())
}

fn ranges_read_as_written(objects: &dyn Objects) -> Result<(), StoreError> {
    let bytes: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    objects.put("ranges/a", &bytes)?;
    let object = objects.open("ranges/a")?;
    assert_eq!(object.len(), 100_000);
    for (offset, asked, got) in
        [(0, 10, 10), (99_990, 10, 10), (99_990, 11, 10), (50_000, 50_000, 50_000), (100_000, 1, 0), (200_000, 1, 0)]
    {
        let mut buffer = vec![0; asked];
        let count = object.read_at(offset as u64, &mut buffer).map_err(|e| StoreError::from_io("ranges/a", e))?;
        assert_eq!(count, got, "{asked} bytes from {offset}");
        assert_eq!(buffer[..count], bytes[offset.min(bytes.len())..][..count], "{asked} bytes from {offset}");
    }
    Ok(())
}

fn open_objects_outlive_replacement(objects: &dyn Objects) -> Result<(), StoreError> {
    objects.put("outlive/a", b"old")?;
    let object = objects.open("outlive/a")?;
    objects.put("outlive/a", b"newer")?;
    let mut buffer = [0; 3];
    object.read_at(0, &mut buffer).map_err(|error| StoreError::from_io("outlive/a", error))?;
    assert_eq!((object.len(), &buffer), (3, b"old"));
    Ok(())
}

fn a_named_version_outlives_replacement(objects: &dyn Objects) -> Result<(), StoreError> {
    objects.put("version/a", b"old")?;
    let Some(version) = objects.open_version("version/a", None)?.version else { return Ok(()) };
    objects.put("version/a", b"newer")?;
    let read = || {
        let opened = objects.open_version("version/a", Some(&version))?;
        let mut buffer = [0; 3];
        opened.file.read_at(0, &mut buffer).map_err(|error| StoreError::from_io("version/a", error))?;
        Ok::<_, StoreError>((opened.file.len(), buffer, opened.version))
    };
    let old = (3, *b"old", Some(version.clone()));
    assert_eq!(read()?, old);
    objects.delete("version/a")?;
    assert_eq!(read()?, old, "a deleted object's versions stay");
    let absent = objects.open_version("version/absent", None).map(|_| ());
    assert!(matches!(absent, Err(StoreError::NotFound { .. })), "{absent:?}");
    Ok(())
}

fn listings_are_sorted_and_by_characters(objects: &dyn Objects) -> Result<(), StoreError> {
    // `-` and `.` sort before `/`, so sorting folder by folder would not do.
    for key in ["list/b/2", "list/b/1", "list/b-c", "list/b.d/1", "list/a", "listing"] {
        objects.put(key, key.as_bytes())?;
    }
    let cases: [(&str, &[&str]); 6] = [
        ("list/", &["list/a", "list/b-c", "list/b.d/1", "list/b/1", "list/b/2"]),
        ("list/b", &["list/b-c", "list/b.d/1", "list/b/1", "list/b/2"]),
        ("list/b/", &["list/b/1", "list/b/2"]),
        ("list/b/1", &["list/b/1"]),
        ("listi", &["listing"]),
        ("list/c", &[]),
    ];
    for (prefix, expected) in cases {
        let found = objects.list(prefix)?;
        let keys: Vec<&str> = found.iter().map(|meta| meta.key.as_str()).collect();
        assert_eq!(keys, expected, "prefix `{prefix}`");
        assert!(found.iter().all(|meta| meta.len == meta.key.len() as u64), "lengths under `{prefix}`");
    }
    assert!(objects.list("")?.is_sorted_by(|left, right| left.key < right.key));
    Ok(())
}

fn deleting_is_repeatable(objects: &dyn Objects) -> Result<(), StoreError> {
    objects.put("delete/a", b"x")?;
    objects.put("delete/a.b", b"y")?;
    objects.delete("delete/a")?;
    objects.delete("delete/a")?;
    assert!(!objects.exists("delete/a")?);
    assert!(objects.exists("delete/a.b")?);
    Ok(())
}

fn bad_keys_are_refused(objects: &dyn Objects) -> Result<(), StoreError> {
    for key in ["", "/", "/etc/passwd", "a/", "a//b", "..", "../a", "a/../../b", "a/./b", ".", "a\0b"] {
        let refused = |error: Option<StoreError>| matches!(error, Some(StoreError::BadKey { .. }));
        assert!(refused(objects.put(key, b"x").err()), "put `{key}`");
        assert!(refused(objects.put_if_absent(key, b"x").err()), "put_if_absent `{key}`");
        assert!(refused(objects.create(key).err()), "create `{key}`");
        assert!(refused(objects.open(key).err()), "open `{key}`");
        assert!(refused(objects.get(key).err()), "get `{key}`");
        assert!(refused(objects.exists(key).err()), "exists `{key}`");
        assert!(refused(objects.delete(key).err()), "delete `{key}`");
    }
    Ok(())
}
