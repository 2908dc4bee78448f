//! What only the local adapters promise: reserved names, sweeping, owners and shared opening.

use std::{fs, thread};

use serde_json::json;

use super::{owner, process, process_owner};
use crate::{Claim, RunClaim, StoreError, Stores};

fn claim(owner: &str) -> RunClaim {
    RunClaim { run_id: "r1".into(), ticket: 1, job: "j".into(), owner: owner.into(), inputs: json!({}) }
}

#[test]
fn reserved_names_are_refused_and_never_listed() {
    let lake = tempfile::tempdir().unwrap();
    let stores = Stores::local(lake.path()).unwrap();
    for key in [".tmp", ".tmp/x", "lotline.sqlite", "lotline.sqlite-wal"] {
        assert!(matches!(stores.objects.put(key, b""), Err(StoreError::BadKey { .. })), "{key}");
    }
    let _open = stores.objects.create("a/b").unwrap();
    assert_eq!(stores.objects.list("").unwrap(), []);
}

#[test]
fn leftovers_of_dead_processes_are_swept_and_open_writers_are_not() {
    let lake = tempfile::tempdir().unwrap();
    let stores = Stores::local(lake.path()).unwrap();
    let leftover = lake.path().join(".tmp/4194305-0");
    fs::write(&leftover, b"half").unwrap();
    let writer = stores.objects.create("a").unwrap();
    Stores::local(lake.path()).unwrap();
    assert!(!leftover.exists());
    writer.commit().unwrap();
    assert!(stores.objects.exists("a").unwrap());
    assert_eq!(fs::read_dir(lake.path().join(".tmp")).unwrap().count(), 0);
}

#[test]
fn owners_are_alive_only_as_the_same_process_of_this_host() {
    let here = owner();
    let words: Vec<&str> = here.split(' ').collect();
    assert_eq!(words.len(), 3, "{here}");
    let cases = [
        (here.clone(), true),
        (format!("{} {} 0", words[0], words[1]), false),
        (format!("elsewhere {} {}", words[1], words[2]), false),
        (format!("{} 4194305 {}", words[0], words[2]), false),
        ("nonsense".to_owned(), false),
        (String::new(), false),
    ];
    for (owner, alive) in cases {
        assert_eq!(process::is_alive(&owner), alive, "{owner}");
    }
    assert_eq!(process_owner(4_194_305), None);
}

#[test]
fn a_run_survives_its_process_and_is_resumed_by_the_next() {
    let lake = tempfile::tempdir().unwrap();
    let first = Stores::local(lake.path()).unwrap();
    assert_eq!(first.ledger.claim(&claim("host 4194305 1")).unwrap(), Claim::New);
    drop(first);
    let second = Stores::local(lake.path()).unwrap();
    assert_eq!(second.ledger.claim(&claim(&owner())).unwrap(), Claim::Resumed);
}

#[test]
fn many_may_open_a_new_lake_at_once() {
    let lake = tempfile::tempdir().unwrap();
    thread::scope(|scope| {
        for number in 0..8 {
            let path = lake.path();
            scope.spawn(move || {
                let stores = Stores::local(path).unwrap();
                let run_id = format!("r{number}");
                assert_eq!(stores.ledger.claim(&RunClaim { run_id, ..claim(&owner()) }).unwrap(), Claim::New);
            });
        }
    });
    assert_eq!(Stores::local(lake.path()).unwrap().ledger.runs(None).unwrap().len(), 8);
}
