//! Providers' rules, which ship as data files.

use lotline_schema::{SettingsError, parse_settings};

use super::HttpSettings;

/// Name and file.
const PROVIDERS: [(&str, &str); 6] = [
    ("bridge", include_str!("../providers/bridge.toml")),
    ("bridge-replication", include_str!("../providers/bridge-replication.toml")),
    ("mlsgrid", include_str!("../providers/mlsgrid.toml")),
    ("spark", include_str!("../providers/spark.toml")),
    ("spark-replication", include_str!("../providers/spark-replication.toml")),
    ("trestle", include_str!("../providers/trestle.toml")),
];

/// The rules of a provider; none of that name answers the names that there are.
pub(super) fn rules(name: &str) -> Result<Result<HttpSettings, SettingsError>, String> {
    match PROVIDERS.iter().find(|(known, _)| *known == name) {
        Some((_, text)) => Ok(parse_settings(&format!("providers/{name}.toml"), text)),
        None => {
            let names: Vec<String> = PROVIDERS.iter().map(|(name, _)| format!("`{name}`")).collect();
            Err(format!("found unknown provider `{name}`, expected one of {}", names.join(", ")))
        }
    }
}

impl HttpSettings {
    /// These settings, and where they say nothing the provider's. Queries, headers and limits are overridden one by one.
    pub(super) fn over(self, rules: Self) -> Self {
        let mut query = rules.query;
        query.extend(self.query);
        let mut headers = rules.headers;
        headers.extend(self.headers);
        Self {
            provider: self.provider,
            url: self.url.or(rules.url),
            format: self.format.or(rules.format),
            records: self.records.or(rules.records),
            total: self.total.or(rules.total),
            query,
            headers,
            page_size: self.page_size.or(rules.page_size),
            paging: self.paging.or(rules.paging),
            key: self.key.or(rules.key),
            watermark: self.watermark.or(rules.watermark),
            auth: self.auth.or(rules.auth),
            budget: self.budget.over(rules.budget),
            timeout: self.timeout.or(rules.timeout),
            attempts: self.attempts.or(rules.attempts),
            max_body: self.max_body.or(rules.max_body),
            max_pages: self.max_pages.or(rules.max_pages),
            first: self.first.or(rules.first),
            keys: self.keys.or(rules.keys),
        }
    }
}

impl super::BudgetSettings {
    fn over(self, rules: Self) -> Self {
        Self {
            name: self.name.or(rules.name),
            requests_per_second: self.requests_per_second.or(rules.requests_per_second),
            requests_per_minute: self.requests_per_minute.or(rules.requests_per_minute),
            requests_per_hour: self.requests_per_hour.or(rules.requests_per_hour),
            requests_per_day: self.requests_per_day.or(rules.requests_per_day),
            bytes_per_hour: self.bytes_per_hour.or(rules.bytes_per_hour),
            quota_headers: if self.quota_headers.is_empty() { rules.quota_headers } else { self.quota_headers },
            denied_pause: self.denied_pause.or(rules.denied_pause),
        }
    }
}
