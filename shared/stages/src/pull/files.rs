//! Where the parts lie that a run reads.

use lotline_store::Stores;

use super::{
    ZONE,
    cursor::{Kept, copy_in},
};
use crate::{Job, StageError};

/// The beginnings of the keys of a source's parts: its changes, or its last whole copy; none for a source that is not
/// pulled, or not yet.
pub(crate) fn folders(stores: &Stores, job: &Job, source: &str) -> Result<Vec<String>, StageError> {
    let Some(origin) = job.pulled.get(source) else { return Ok(Vec::new()) };
    let name = format!("{}/{source}", job.name);
    if origin.watermark().is_some() {
        return Ok(vec![format!("{ZONE}/{name}/changes")]);
    }
    let Some(state) = stores.states.state(&format!("pull/{name}"))? else { return Ok(Vec::new()) };
    let kept: Kept = serde_json::from_value(state.value)
        .map_err(|error| StageError::Damaged { key: format!("pull/{name}"), message: error.to_string() })?;
    Ok(kept.copy.whole.map(|(number, _)| format!("{}/", copy_in(ZONE, &name, number))).into_iter().collect())
}
