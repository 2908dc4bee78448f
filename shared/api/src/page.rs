//! Pages of lists: so many rows after a cursor.

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

use crate::error::ApiError;

/// Rows of a page when a client asks for no number.
const USUAL_ROWS: u32 = 100;
/// The most rows of a page: an answer of AppSync's functions has 5 MB at most.
const MOST_ROWS: u32 = 1_000;

/// What page is asked for.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Page {
    first: Option<u32>,
    after: Option<String>,
}

impl Page {
    /// How many rows.
    ///
    /// # Errors
    /// `Limit` for more than a page may have, `BadRequest` for none.
    pub(crate) fn rows(&self) -> Result<usize, ApiError> {
        match self.first.unwrap_or(USUAL_ROWS) {
            0 => Err(ApiError::bad("first: found 0, expected at least 1")),
            rows @ 1..=MOST_ROWS => Ok(rows as usize),
            rows => Err(ApiError::limit(format!("first: found {rows}, expected at most {MOST_ROWS}"))),
        }
    }

    /// What the cursor says; none on the first page.
    ///
    /// # Errors
    /// `BadRequest` for what is no cursor of this list.
    pub(crate) fn after<T: DeserializeOwned>(&self) -> Result<Option<T>, ApiError> {
        let Some(cursor) = &self.after else { return Ok(None) };
        let read = unhex(cursor).and_then(|bytes| serde_json::from_slice(&bytes).ok());
        read.map(Some)
            .ok_or_else(|| ApiError::bad(format!("after: found `{cursor}`, expected an `endCursor` of this list")))
    }

    /// The connection of one row more than the page has, or fewer; `cursor` tells what a row's cursor says.
    pub(crate) fn connection(
        &self,
        mut nodes: Vec<Value>,
        cursor: impl Fn(&Value) -> Value,
    ) -> Result<Value, ApiError> {
        let rows = self.rows()?;
        let has_next = nodes.len() > rows;
        nodes.truncate(rows);
        let end = nodes.last().map(|last| hex(cursor(last).to_string().as_bytes()));
        Ok(json!({ "nodes": nodes, "pageInfo": { "hasNextPage": has_next, "endCursor": end } }))
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes().chunks_exact(2);
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    if digits.remainder().is_empty() { digits.map(byte).collect() } else { None }
}

#[cfg(test)]
mod tests {
    use super::Page;
    use crate::error::ErrorKind;
    use serde_json::json;

    #[test]
    fn a_page_leads_to_the_next() {
        let page: Page = serde_json::from_value(json!({ "first": 2 })).unwrap();
        let connection = page.connection(vec![json!("a"), json!("b"), json!("c")], |row| json!([row])).unwrap();
        assert_eq!(connection["nodes"], json!(["a", "b"]));
        assert_eq!(connection["pageInfo"]["hasNextPage"], true);
        let next: Page = serde_json::from_value(json!({ "after": connection["pageInfo"]["endCursor"] })).unwrap();
        assert_eq!(next.after::<(String,)>().unwrap(), Some(("b".to_owned(),)));
        let last = next.connection(vec![json!("c")], |row| json!([row])).unwrap();
        assert_eq!(last["pageInfo"]["hasNextPage"], false);
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        let page = |value| serde_json::from_value::<Page>(value).unwrap();
        assert_eq!(page(json!({ "first": 1001 })).rows().unwrap_err().kind, ErrorKind::Limit);
        assert_eq!(page(json!({ "first": 0 })).rows().unwrap_err().kind, ErrorKind::BadRequest);
        for cursor in ["x", "zz", "é", "5b5d"] {
            let refused = page(json!({ "after": cursor })).after::<(String,)>().unwrap_err();
            assert_eq!(refused.kind, ErrorKind::BadRequest, "{cursor}");
        }
    }
}
