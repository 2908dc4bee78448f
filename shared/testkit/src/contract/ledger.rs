//! The promises of [`Ledger`].

use std::thread;

use lotline_store::{Claim, Ledger, RunClaim, RunStatus, StoreError};
use serde_json::json;

/// Owners as the adapter writes them, to play the claimants.
#[derive(Clone, Copy, Debug)]
pub struct Owners<'a> {
    /// One that lives and stays alive during the check.
    pub living: &'a str,
    /// One that is gone.
    pub dead: &'a str,
    /// Another one that lives.
    pub rival: &'a str,
}

/// Checks every promise of the ledger port.
///
/// # Errors
/// Whatever a call answers that should have worked.
pub fn check(ledger: &dyn Ledger, owners: Owners<'_>) -> Result<(), StoreError> {
    tickets_only_grow(ledger)?;
    unknown_runs_are_none(ledger)?;
    claims_are_kept(ledger, owners)?;
    living_owners_keep_their_run(ledger, owners)?;
    dead_owners_lose_their_run(ledger, owners)?;
    failed_runs_are_resumed(ledger, owners)?;
    finished_runs_stay_done(ledger, owners)?;
    the_greatest_ticket_is_kept(ledger, owners)?;
    one_of_many_claims_a_run(ledger, owners)?;
    runs_are_newest_first(ledger, owners)
}

fn run(run_id: &str, job: &str, owner: &str) -> RunClaim {
    asked(run_id, job, owner, 1)
}

fn asked(run_id: &str, job: &str, owner: &str, ticket: u64) -> RunClaim {
    let (run_id, job, owner) = (run_id.to_owned(), job.to_owned(), owner.to_owned());
    RunClaim { run_id, ticket, job, owner, inputs: json!({"a": "a.csv"}) }
}

fn tickets_only_grow(ledger: &dyn Ledger) -> Result<(), StoreError> {
    let answers: Vec<_> = thread::scope(|scope| {
        let takers: Vec<_> = (0..8).map(|_| scope.spawn(|| ledger.ticket())).collect();
        takers.into_iter().filter_map(|taker| taker.join().ok()).collect()
    });
    let mut tickets = answers.into_iter().collect::<Result<Vec<_>, _>>()?;
    tickets.sort_unstable();
    tickets.dedup();
    assert_eq!(tickets.len(), 8, "each its own");
    assert!(ledger.ticket()? > tickets[7]);
    Ok(())
}

fn the_greatest_ticket_is_kept(ledger: &dyn Ledger, owners: Owners<'_>) -> Result<(), StoreError> {
    let ticket = || Ok::<_, StoreError>(ledger.run("asked")?.map(|record| record.ticket));
    ledger.claim(&asked("asked", "job", owners.living, 5))?;
    ledger.claim(&asked("asked", "job", owners.rival, 7))?;
    assert_eq!(ticket()?, Some(7), "also of one who finds the run busy");
    ledger.claim(&asked("asked", "job", owners.living, 6))?;
    assert_eq!(ticket()?, Some(7));
    ledger.finish("asked", RunStatus::Succeeded, &json!({}))?;
    let done = ledger.claim(&asked("asked", "job", owners.rival, 9))?;
    assert!(matches!(&done, Claim::Done(record) if record.ticket == 9), "{done:?}");
    assert_eq!(ticket()?, Some(9));
    Ok(())
}

fn unknown_runs_are_none(ledger: &dyn Ledger) -> Result<(), StoreError> {
    assert_eq!(ledger.run("nobody")?, None);
    assert_eq!(ledger.runs(Some("nobody"))?, []);
    let finished = ledger.finish("nobody", RunStatus::Succeeded, &json!({}));
    assert!(matches!(&finished, Err(StoreError::UnknownRun { run_id }) if run_id == "nobody"), "{finished:?}");
    Ok(())
}

fn claims_are_kept(ledger: &dyn Ledger, owners: Owners<'_>) -> Result<(), StoreError> {
    let claim = run("kept", "job", owners.living);
    assert_eq!(ledger.claim(&claim)?, Claim::New);
    let Some(record) = ledger.run("kept")? else { unreachable!("a claimed run is known") };
    assert_eq!((record.job.as_str(), record.owner.as_str()), ("job", owners.living));
    assert_eq!((record.inputs, record.status, record.receipt), (claim.inputs, RunStatus::Running, None));
    Ok(())
}

fn living_owners_keep_their_run(ledger: &dyn Ledger, owners: Owners<'_>) -> Result<(), StoreError> {
    assert_eq!(ledger.claim(&run("busy", "job", owners.living))?, Claim::New);
    let busy = ledger.claim(&run("busy", "job", owners.rival))?;
    assert!(matches!(&busy, Claim::Busy(record) if record.owner == owners.living), "{busy:?}");
    assert_eq!(ledger.claim(&run("busy", "job", owners.living))?, Claim::Resumed, "one's own claim, again");
    Ok(())
}

fn dead_owners_lose_their_run(ledger: &dyn Ledger, owners: Owners<'_>) -> Result<(), StoreError> {
    assert_eq!(ledger.claim(&run("died", "job", owners.dead))?, Claim::New);
    assert_eq!(ledger.claim(&run("died", "job", owners.living))?, Claim::Resumed);
    let busy = ledger.claim(&run("died", "job", owners.rival))?;
    assert!(matches!(busy, Claim::Busy(_)), "resuming makes the owner: {busy:?}");
    Ok(())
}

fn failed_runs_are_resumed(ledger: &dyn Ledger, owners: Owners<'_>) -> Result<(), StoreError> {
    ledger.claim(&run("failed", "job", owners.living))?;
    ledger.finish("failed", RunStatus::Failed, &json!({"error": "disk"}))?;
    assert_eq!(ledger.run("failed")?.and_then(|record| record.receipt), Some(json!({"error": "disk"})));
    assert_eq!(ledger.claim(&run("failed", "job", owners.rival))?, Claim::Resumed);
    let record = ledger.run("failed")?.map(|record| (record.status, record.receipt));
    assert_eq!(record, Some((RunStatus::Running, None)));
    ledger.finish("failed", RunStatus::Succeeded, &json!({"links": 1}))
}

fn finished_runs_stay_done(ledger: &dyn Ledger, owners: Owners<'_>) -> Result<(), StoreError> {
    ledger.claim(&run("done", "job", owners.living))?;
    assert!(matches!(ledger.finish("done", RunStatus::Running, &json!({})), Err(StoreError::RunFinished { .. })));
    ledger.finish("done", RunStatus::Succeeded, &json!({"links": 1}))?;
    ledger.finish("done", RunStatus::Succeeded, &json!({"links": 2}))?;
    let failed = ledger.finish("done", RunStatus::Failed, &json!({}));
    assert!(matches!(failed, Err(StoreError::RunFinished { .. })), "{failed:?}");
    for owner in [owners.living, owners.rival] {
        let Claim::Done(record) = ledger.claim(&run("done", "job", owner))? else { unreachable!("the run is done") };
        assert_eq!((record.status, record.receipt), (RunStatus::Succeeded, Some(json!({"links": 1}))));
    }
    Ok(())
}

fn one_of_many_claims_a_run(ledger: &dyn Ledger, owners: Owners<'_>) -> Result<(), StoreError> {
    let claim = run("race", "job", owners.living);
    let answers: Vec<_> = thread::scope(|scope| {
        let racers: Vec<_> = (0..8).map(|_| scope.spawn(|| ledger.claim(&claim))).collect();
        racers.into_iter().filter_map(|racer| racer.join().ok()).collect()
    });
    let claims = answers.into_iter().collect::<Result<Vec<_>, _>>()?;
    assert_eq!(claims.iter().filter(|claim| **claim == Claim::New).count(), 1, "{claims:?}");
    assert_eq!(claims.len(), 8);
    Ok(())
}

fn runs_are_newest_first(ledger: &dyn Ledger, owners: Owners<'_>) -> Result<(), StoreError> {
    for (run_id, job, ticket) in [("b", "order", 12), ("c", "other", 13), ("a", "order", 14), ("d", "order", 11)] {
        ledger.claim(&asked(run_id, job, owners.living, ticket))?;
    }
    let runs = ledger.runs(Some("order"))?;
    assert_eq!(runs.iter().map(|run| run.run_id.as_str()).collect::<Vec<_>>(), ["a", "b", "d"]);
    let all = ledger.runs(None)?;
    assert!(all.is_sorted_by(|newer, older| newer.ticket >= older.ticket));
    assert!(all.iter().any(|run| run.job == "other"));
    Ok(())
}
