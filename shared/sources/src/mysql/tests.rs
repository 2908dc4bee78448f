//! Settings, statements and values; a real server is behind `cli/tests/end_to_end/users.rs`.

use serde_json::{Value, json};

use super::{MysqlSettings, MysqlSource, record::value, walk::statement};

fn source(settings: &str) -> Result<MysqlSource, String> {
    let settings: MysqlSettings = toml::from_str(settings).map_err(|error| error.message().to_owned())?;
    MysqlSource::of("job.toml", "sources.users.mysql", settings).map_err(|error| error.to_string())
}

const USERS: &str = "url = 'mysql://reader@db:3316/shop'\nquery = 'SELECT * FROM user;'\nkey = 'id'\n";

#[test]
fn ranges_go_on_behind_the_last_key() {
    let source = source(&format!("{USERS}rows_a_range = 500")).unwrap();
    let query = "SELECT * FROM (\nSELECT * FROM user\n) AS lotline_rows";
    let end = "ORDER BY `id` LIMIT 501";
    for (after, expected) in [
        (None, format!("{query} {end}")),
        (Some("7"), format!("{query} WHERE `id` > 7 {end}")),
        (Some("-7"), format!("{query} WHERE `id` > -7 {end}")),
        (Some("\"O'\\\\\""), format!("{query} WHERE `id` > CONVERT(X'4f275c' USING utf8mb4) {end}")),
    ] {
        assert_eq!(statement(&source, after), expected);
    }
}

#[test]
fn settings_say_one_server_and_no_password() {
    let rest = "query = 'SELECT 1'\nkey = 'id'\n";
    for (settings, expected) in [
        (rest.to_owned(), "`sources.users.mysql.url`: found neither it nor `url_secret`, expected one of them"),
        (
            format!("{USERS}url_secret = 'X'"),
            "`sources.users.mysql.url`: found beside `url_secret`, expected one of them",
        ),
        (
            format!("url = 'mysql://u:hidden@h/d'\n{rest}"),
            "`sources.users.mysql.url`: found a password, expected it in a secret that `password` names",
        ),
        (
            format!("url = 'postgres://h/d'\n{rest}"),
            "`sources.users.mysql.url`: found another address, expected `mysql://user@host:port/database`",
        ),
        (
            format!("url_secret = 'X'\npassword = 'Y'\n{rest}"),
            "`sources.users.mysql.password`: found beside `url_secret`, whose address has it, expected one of them",
        ),
        (
            "url_secret = 'X'\nquery = 'SELECT 1'\nkey = 'a`b'".to_owned(),
            "`sources.users.mysql.key`: found `a`b`, expected the name of a column of the query's answer",
        ),
    ] {
        assert_eq!(source(&settings).unwrap_err(), format!("job.toml: {expected}"));
    }
    assert!(source(&format!("{USERS}rows_a_range = 0")).is_err());
}

#[test]
fn values_are_json_as_the_server_wrote_them() {
    for (kind, text, expected) in [
        ("INT", "-5", json!(-5)),
        ("BIGINT UNSIGNED", "18446744073709551615", json!(u64::MAX)),
        ("INT UNSIGNED", "00042", json!("00042")),
        ("BOOLEAN", "1", json!(1)),
        ("DOUBLE", "1.5e300", json!(1.5e300)),
        ("DECIMAL", "12345678901234567890.10", json!("12345678901234567890.10")),
        ("DATE", "2017-02-02", json!("2017-02-02")),
        ("DATETIME", "2017-02-02 10:00:00", json!("2017-02-02 10:00:00")),
        ("TIMESTAMP", "2017-02-02 10:00:00.250", json!("2017-02-02T10:00:00.250Z")),
        ("VARCHAR", "O\"Neil", json!("O\"Neil")),
        ("JSON", "{\"a\": [1]}", json!({"a": [1]})),
    ] {
        assert_eq!(value(kind, text.as_bytes()), expected, "{kind}");
    }
    assert_eq!(value("VARBINARY", b"\x00ab"), Value::from("006162"));
    assert_eq!(value("VARCHAR", b"\xff"), Value::from("ff"));
}
