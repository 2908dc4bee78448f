//! The two queries, and the shapes of their answers.

use serde::Deserialize;

/// A query of `client/queries`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Query {
    pub(crate) name: &'static str,
    pub(crate) text: &'static str,
}

pub(crate) const PROPERTIES: Query = Query { name: "Properties", text: include_str!("../queries/properties.graphql") };
pub(crate) const SUMMARY: Query = Query { name: "Summary", text: include_str!("../queries/summary.graphql") };

#[derive(Debug, Deserialize)]
pub(crate) struct PropertiesData {
    pub(crate) properties: Page,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Page {
    pub(crate) nodes: Vec<Property>,
    pub(crate) page_info: PageInfo,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PageInfo {
    pub(crate) has_next_page: bool,
    pub(crate) end_cursor: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Property {
    pub(crate) id: String,
    pub(crate) parcel: Parcel,
    pub(crate) listing: Listing,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Parcel {
    pub(crate) bedrooms: Option<i64>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Listing {
    pub(crate) beds: Option<i64>,
    pub(crate) est_value: Option<f64>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct SummaryData {
    pub(crate) summary: Option<Published>,
}

/// What readers of a job see.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Published {
    pub(crate) run_id: String,
    pub(crate) insights: Vec<Insight>,
}

/// Rows of an insight, each the text of a JSON object: AppSync's scalar `AWSJSON` is a string.
#[derive(Debug, Deserialize)]
pub(crate) struct Insight {
    pub(crate) name: String,
    pub(crate) rows: Vec<String>,
}
