//! The promises of [`Catalog`].

use std::thread;

use lotline_store::{Catalog, Publication, Published, StoreError, TableVersion};

/// Checks every promise of the catalog port.
///
/// # Errors
/// Whatever a call answers that should have worked.
pub fn check(catalog: &dyn Catalog) -> Result<(), StoreError> {
    unknown_tables_are_none(catalog)?;
    publishing_switches_every_table(catalog)?;
    publishing_again_changes_nothing(catalog)?;
    a_refused_publication_switches_nothing(catalog)?;
    tables_left_out_stay(catalog)?;
    readers_never_see_half_a_publication(catalog)
}

fn version(run_id: &str, table: &str) -> TableVersion {
    let location = format!("runs/{run_id}/curated/{table}/");
    TableVersion { table: table.to_owned(), location, rows: 7, digest: Some(format!("digest-{run_id}")) }
}

fn publication(job: &str, run_id: &str, tables: &[&str]) -> Publication {
    Publication {
        run_id: run_id.to_owned(),
        job: job.to_owned(),
        tables: tables.iter().map(|table| version(run_id, table)).collect(),
        insights: Some(format!("insights/{job}/{run_id}.json")),
    }
}

fn unknown_tables_are_none(catalog: &dyn Catalog) -> Result<(), StoreError> {
    assert_eq!(catalog.tables()?, []);
    assert_eq!(catalog.table("nothing")?, None);
    assert_eq!(catalog.history("nothing")?, []);
    assert_eq!(catalog.publication("nothing")?, None);
    Ok(())
}

fn publishing_switches_every_table(catalog: &dyn Catalog) -> Result<(), StoreError> {
    // Not in the order of names, to see that the order given is kept.
    let first = publication("switch", "s1", &["switch_b", "switch_a"]);
    assert_eq!(catalog.publish(&first)?, Published::Switched);
    assert_eq!(catalog.publication("switch")?, Some(first));
    let second = Publication { insights: None, ..publication("switch", "s2", &["switch_a", "switch_b"]) };
    assert_eq!(catalog.publish(&second)?, Published::Switched);
    for table in ["switch_a", "switch_b"] {
        assert_eq!(catalog.table(table)?, Some(version("s2", table)));
        assert_eq!(catalog.history(table)?, [version("s2", table), version("s1", table)]);
    }
    assert_eq!(catalog.publication("switch")?, Some(second));
    assert_eq!(catalog.tables()?, [version("s2", "switch_a"), version("s2", "switch_b")]);
    Ok(())
}

fn publishing_again_changes_nothing(catalog: &dyn Catalog) -> Result<(), StoreError> {
    let (first, second) = (publication("again", "g1", &["again"]), publication("again", "g2", &["again"]));
    assert_eq!(catalog.publish(&first)?, Published::Switched);
    assert_eq!(catalog.publish(&first)?, Published::Unchanged);
    assert_eq!(catalog.publish(&second)?, Published::Switched);
    assert_eq!(catalog.publish(&first)?, Published::Unchanged, "a late repetition");
    assert_eq!(catalog.table("again")?, Some(version("g2", "again")));
    assert_eq!(catalog.history("again")?.len(), 2);
    Ok(())
}

fn a_refused_publication_switches_nothing(catalog: &dyn Catalog) -> Result<(), StoreError> {
    catalog.publish(&publication("refuse", "r1", &["refuse_a", "refuse_b"]))?;
    let refusals = [
        publication("refuse", "r1", &["refuse_a", "refuse_c"]),
        publication("refuse", "r2", &["refuse_a", "refuse_b", "refuse_a"]),
    ];
    for refused in &refusals {
        let answer = catalog.publish(refused);
        assert!(matches!(answer, Err(StoreError::PublicationConflict { .. })), "{answer:?}");
    }
    for table in ["refuse_a", "refuse_b"] {
        assert_eq!(catalog.history(table)?, [version("r1", table)]);
    }
    assert_eq!(catalog.table("refuse_c")?, None);
    assert_eq!(catalog.publication("refuse")?.map(|found| found.run_id).as_deref(), Some("r1"));
    Ok(())
}

fn tables_left_out_stay(catalog: &dyn Catalog) -> Result<(), StoreError> {
    catalog.publish(&publication("left", "l1", &["left_a", "left_b"]))?;
    catalog.publish(&publication("left", "l2", &["left_a"]))?;
    assert_eq!(catalog.table("left_a")?, Some(version("l2", "left_a")));
    assert_eq!(catalog.table("left_b")?, Some(version("l1", "left_b")));
    Ok(())
}

fn readers_never_see_half_a_publication(catalog: &dyn Catalog) -> Result<(), StoreError> {
    let tables = ["whole_a", "whole_b", "whole_c"];
    catalog.publish(&publication("whole", "w0", &tables))?;
    thread::scope(|scope| {
        let writer = scope.spawn(|| {
            (1..=20).try_for_each(|turn| catalog.publish(&publication("whole", &format!("w{turn}"), &tables)).map(drop))
        });
        loop {
            let done = writer.is_finished();
            let seen = catalog.tables()?;
            let mut digests: Vec<_> =
                seen.iter().filter(|seen| tables.contains(&seen.table.as_str())).map(|seen| &seen.digest).collect();
            assert_eq!(digests.len(), 3);
            digests.dedup();
            assert_eq!(digests.len(), 1, "tables of two runs at once: {digests:?}");
            if done {
                break;
            }
        }
        writer.join().unwrap_or_else(|_| unreachable!("the writer panicked"))
    })
}
