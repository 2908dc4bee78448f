//! The promises of [`Catalog`].

use std::thread;

use lotline_store::{Catalog, Publication, Published, StoreError, TableColumn, TableVersion};

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
    an_earlier_publication_is_shown_again_whole(catalog)?;
    of_many_publishers_the_last_to_ask_is_seen(catalog)?;
    readers_never_see_half_a_publication(catalog)
}

fn version(run_id: &str, table: &str) -> TableVersion {
    let location = format!("runs/{run_id}/curated/{table}/");
    let column = |name: &str, kind: &str| TableColumn { name: name.to_owned(), kind: kind.to_owned() };
    TableVersion {
        table: table.to_owned(),
        location,
        columns: vec![column("id", "string"), column(&format!("count_{run_id}"), "bigint")],
        rows: 7,
        digest: Some(format!("digest-{run_id}")),
    }
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
    assert_eq!(catalog.publish(&first, 1)?, Published::Switched);
    assert_eq!(catalog.publication("switch")?, Some(first));
    let second = Publication { insights: None, ..publication("switch", "s2", &["switch_a", "switch_b"]) };
    assert_eq!(catalog.publish(&second, 2)?, Published::Switched);
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
    assert_eq!(catalog.publish(&first, 1)?, Published::Switched);
    assert_eq!(catalog.publish(&first, 1)?, Published::Unchanged);
    assert_eq!(catalog.publish(&second, 2)?, Published::Switched);
    assert_eq!(catalog.publish(&first, 1)?, Published::Superseded, "a late repetition");
    assert_eq!(catalog.table("again")?, Some(version("g2", "again")));
    assert_eq!(catalog.history("again")?.len(), 2);
    Ok(())
}

fn a_refused_publication_switches_nothing(catalog: &dyn Catalog) -> Result<(), StoreError> {
    catalog.publish(&publication("refuse", "r1", &["refuse_a", "refuse_b"]), 1)?;
    let refusals = [
        publication("refuse", "r1", &["refuse_a", "refuse_c"]),
        publication("refuse", "r2", &["refuse_a", "refuse_b", "refuse_a"]),
    ];
    for refused in &refusals {
        let answer = catalog.publish(refused, 2);
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
    catalog.publish(&publication("left", "l1", &["left_a", "left_b"]), 1)?;
    catalog.publish(&publication("left", "l2", &["left_a"]), 2)?;
    assert_eq!(catalog.table("left_a")?, Some(version("l2", "left_a")));
    assert_eq!(catalog.table("left_b")?, Some(version("l1", "left_b")));
    Ok(())
}

fn an_earlier_publication_is_shown_again_whole(catalog: &dyn Catalog) -> Result<(), StoreError> {
    assert_eq!(catalog.published("never")?, None);
    let (first, second) = (publication("back", "b1", &["back_a", "back_b"]), publication("back", "b2", &["back_a"]));
    catalog.publish(&first, 1)?;
    catalog.publish(&second, 2)?;
    assert_eq!(catalog.published("b1")?, Some(first.clone()));
    assert_eq!(catalog.publish(&first, 3)?, Published::Switched);
    assert_eq!(catalog.table("back_a")?, Some(version("b1", "back_a")));
    assert_eq!(catalog.publication("back")?, Some(first.clone()));
    let history = [version("b1", "back_a"), version("b2", "back_a"), version("b1", "back_a")];
    assert_eq!(catalog.history("back_a")?, history);
    assert_eq!(catalog.publish(&second, 2)?, Published::Superseded);
    assert_eq!(catalog.publish(&first, 5)?, Published::Unchanged, "asked for again, and later");
    assert_eq!(catalog.publish(&second, 4)?, Published::Superseded, "asked for before that");
    assert_eq!(catalog.publication("back")?, Some(first));
    assert_eq!(catalog.history("back_a")?.len(), 3);
    Ok(())
}

fn of_many_publishers_the_last_to_ask_is_seen(catalog: &dyn Catalog) -> Result<(), StoreError> {
    let answers: Vec<_> = thread::scope(|scope| {
        let publish = |turn| catalog.publish(&publication("many", &format!("m{turn}"), &["many"]), turn);
        let publishers: Vec<_> = (0..6).map(|turn| scope.spawn(move || publish(turn))).collect();
        publishers.into_iter().filter_map(|publisher| publisher.join().ok()).collect()
    });
    let answers = answers.into_iter().collect::<Result<Vec<_>, _>>()?;
    assert_eq!(answers.last(), Some(&Published::Switched));
    let switched = answers.iter().filter(|answer| **answer == Published::Switched).count();
    assert_eq!(catalog.history("many")?.len(), switched);
    assert_eq!(catalog.table("many")?, Some(version("m5", "many")));
    Ok(())
}

fn readers_never_see_half_a_publication(catalog: &dyn Catalog) -> Result<(), StoreError> {
    let tables = ["whole_a", "whole_b", "whole_c"];
    catalog.publish(&publication("whole", "w0", &tables), 0)?;
    thread::scope(|scope| {
        let writer = scope.spawn(|| {
            (1..=20).try_for_each(|turn| {
                let publication = publication("whole", &format!("w{turn}"), &tables);
                catalog.publish(&publication, turn).map(drop)
            })
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
