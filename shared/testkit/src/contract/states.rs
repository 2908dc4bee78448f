//! The promises of [`States`].

use std::thread;

use lotline_store::{State, States, StoreError};
use serde_json::{Value, json};

/// Checks every promise of the states port.
///
/// # Errors
/// Whatever a call answers that should have worked.
pub fn check(states: &dyn States) -> Result<(), StoreError> {
    assert_eq!(states.state("nothing")?, None);
    versions_count_the_writes(states)?;
    a_stale_writer_is_refused(states)?;
    no_count_of_many_workers_is_lost(states)?;
    what_is_too_large_is_refused(states)
}

fn versions_count_the_writes(states: &dyn States) -> Result<(), StoreError> {
    let name = "pull/a job/so#urce";
    assert!(states.save(name, None, &json!({"cursor": "ä\"/%"}))?);
    assert_eq!(states.state(name)?, Some(State { version: 1, value: json!({"cursor": "ä\"/%"}) }));
    assert!(states.save(name, Some(1), &Value::Null)?);
    assert_eq!(states.state(name)?, Some(State { version: 2, value: Value::Null }));
    assert_eq!(states.state("pull/a job")?, None, "names are whole");
    Ok(())
}

fn a_stale_writer_is_refused(states: &dyn States) -> Result<(), StoreError> {
    assert!(!states.save("stale", Some(1), &json!(0))?, "nothing was there to see");
    assert!(states.save("stale", None, &json!(1))?);
    for seen in [None, Some(2)] {
        assert!(!states.save("stale", seen, &json!(2))?);
    }
    assert_eq!(states.state("stale")?, Some(State { version: 1, value: json!(1) }));
    Ok(())
}

fn no_count_of_many_workers_is_lost(states: &dyn States) -> Result<(), StoreError> {
    let count = || -> Result<(), StoreError> {
        loop {
            let found = states.state("count")?;
            let sum = found.as_ref().and_then(|state| state.value.as_u64()).unwrap_or(0);
            if states.save("count", found.map(|state| state.version), &json!(sum + 1))? {
                return Ok(());
            }
        }
    };
    let answers: Vec<_> = thread::scope(|scope| {
        let workers: Vec<_> = (0..4).map(|_| scope.spawn(|| (0..5).try_for_each(|_| count()))).collect();
        workers.into_iter().filter_map(|worker| worker.join().ok()).collect()
    });
    answers.into_iter().collect::<Result<(), _>>()?;
    assert_eq!(states.state("count")?.map(|state| state.value), Some(json!(20)));
    Ok(())
}

fn what_is_too_large_is_refused(states: &dyn States) -> Result<(), StoreError> {
    let refused = states.save("large", None, &json!("x".repeat(400_000)));
    assert!(matches!(refused, Err(StoreError::StateTooLarge { .. })), "{refused:?}");
    assert_eq!(states.state("large")?, None);
    assert!(states.save("large", None, &json!("x".repeat(380_000)))?);
    Ok(())
}
