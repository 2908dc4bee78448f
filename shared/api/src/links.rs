//! Links of a job, and how they spread over match weights.

use lotline_stages::link::links_table;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::{
    error::ApiError,
    page::Page,
    tables::{Conditions, Tables},
};

const COLUMNS: &str = "id_l AS idL, id_r AS idR, match_key AS matchKey, match_weight AS matchWeight, match_probability AS matchProbability";

#[derive(Deserialize)]
pub(crate) struct Listed {
    job: String,
    #[serde(default)]
    filter: Option<Filter>,
    #[serde(default)]
    order: Option<Order>,
    #[serde(flatten)]
    page: Page,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
struct Filter {
    id_l: Option<String>,
    id_r: Option<String>,
    min_weight: Option<f64>,
    max_weight: Option<f64>,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Order {
    #[default]
    Ids,
    Weight,
}

/// Links, a page at a time.
pub(crate) fn list(tables: &Tables, Listed { job, filter, order, page }: Listed) -> Result<Value, ApiError> {
    let filter = filter.unwrap_or_default();
    let mut conditions = Conditions::default();
    conditions.add("id_l = ?", filter.id_l);
    conditions.add("id_r = ?", filter.id_r);
    conditions.add("match_weight >= ?", filter.min_weight);
    conditions.add("match_weight <= ?", filter.max_weight);
    let order_by = match order.unwrap_or_default() {
        Order::Ids => {
            if let Some([left, right]) = page.after::<[String; 2]>()? {
                let after = [&left, &left, &right].map(|id| json!(id));
                conditions.all("id_l >= ? AND (id_l, id_r) > (?, ?)", after);
            }
            "id_l, id_r"
        }
        Order::Weight => {
            if let Some((weight, left, right)) = page.after::<(f64, String, String)>()? {
                let after = [json!(weight), json!(weight), json!(left), json!(right)];
                conditions.all("match_weight >= ? AND (match_weight, id_l, id_r) > (?, ?, ?)", after);
            }
            "match_weight, id_l, id_r"
        }
    };
    let nodes = select(tables, &job, &conditions, order_by, page.rows()? + 1)?;
    page.connection(nodes, |link| match order.unwrap_or_default() {
        Order::Ids => json!([link["idL"], link["idR"]]),
        Order::Weight => json!([link["matchWeight"], link["idL"], link["idR"]]),
    })
}

/// Links by match weight in bands of one bit.
pub(crate) fn weights(tables: &Tables, job: &str) -> Result<Value, ApiError> {
    let table = links_table(job);
    let sql = format!(
        "SELECT CAST(floor(match_weight) AS integer) AS weight, count(*) AS links, \
         sum(match_probability) AS expectedRight FROM {table} GROUP BY 1 ORDER BY 1"
    );
    Ok(tables.query(&table, &sql, &[])?.into_iter().map(Value::Object).collect())
}

/// Links whose probability is nearest to one half, the most doubtful first.
pub(crate) fn doubtful(tables: &Tables, job: &str, rows: usize) -> Result<Vec<Value>, ApiError> {
    select(tables, job, &Conditions::default(), "abs(match_probability - 0.5), id_l, id_r", rows)
}

fn select(
    tables: &Tables,
    job: &str,
    conditions: &Conditions,
    order_by: &str,
    rows: usize,
) -> Result<Vec<Value>, ApiError> {
    let table = links_table(job);
    let sql = format!("SELECT {COLUMNS} FROM {table} {} ORDER BY {order_by} LIMIT {rows}", conditions.clause());
    let rows: Vec<Map<String, Value>> = tables.query(&table, &sql, &conditions.values)?;
    Ok(rows.into_iter().map(Value::Object).collect())
}
