//! The local adapters keep every promise of their ports.

use lotline_store::{Stores, owner, process_owner};
use lotline_testkit::{
    MemoryStates,
    contract::{catalog, ledger, objects, settings, states},
};

#[test]
fn local_objects() {
    let lake = tempfile::tempdir().unwrap();
    objects::check(&*Stores::local(lake.path()).unwrap().objects).unwrap();
}

#[test]
fn local_ledger() {
    let lake = tempfile::tempdir().unwrap();
    let here = owner();
    // Process 1 outlives every test; a start time of 0 is no process's of ours.
    let rival = process_owner(1).unwrap();
    let dead = format!("{} 0", here.rsplit_once(' ').unwrap().0);
    let owners = ledger::Owners { living: &here, dead: &dead, rival: &rival };
    ledger::check(&*Stores::local(lake.path()).unwrap().ledger, owners).unwrap();
}

#[test]
fn local_catalog() {
    let lake = tempfile::tempdir().unwrap();
    catalog::check(&*Stores::local(lake.path()).unwrap().catalog).unwrap();
}

#[test]
fn local_settings() {
    let lake = tempfile::tempdir().unwrap();
    settings::check(&*Stores::local(lake.path()).unwrap().settings).unwrap();
}

#[test]
fn local_states() {
    let lake = tempfile::tempdir().unwrap();
    states::check(&*Stores::local(lake.path()).unwrap().states).unwrap();
}

#[test]
fn states_in_memory() {
    states::check(&MemoryStates::default()).unwrap();
}

#[test]
fn what_one_handle_writes_another_sees() {
    let lake = tempfile::tempdir().unwrap();
    let (first, second) = (Stores::local(lake.path()).unwrap(), Stores::local(lake.path()).unwrap());
    first.objects.put("a", b"x").unwrap();
    assert_eq!(second.objects.get("a").unwrap().as_deref(), Some(b"x".as_slice()));
    catalog::check(&*first.catalog).unwrap();
    assert_eq!(first.catalog.tables().unwrap(), second.catalog.tables().unwrap());
}
