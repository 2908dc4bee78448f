//! Blocking rules: equalities of SQL, joined by `AND`, and the parts of a rule here.

use super::sql::{Column, Expression, quoted};
use crate::blocking::Transform;

/// One part of a rule: a column, and what is made of it.
pub(super) type Part = (String, Transform);

/// Reads the condition of a rule.
///
/// # Errors
/// What is in the way, in words.
pub(super) fn parts(condition: &Expression) -> Result<Vec<Part>, String> {
    let terms = match condition {
        Expression::Call(name, terms) if name == "and" => terms.as_slice(),
        other => std::slice::from_ref(other),
    };
    let mut parts: Vec<Part> = Vec::new();
    let mut lengths = Vec::new();
    for term in terms {
        match term {
            Expression::Call(name, sides) if name == "=" => parts.push(part(sides)?),
            Expression::Call(name, sides) if name == ">=" => lengths.push(length(sides)?),
            Expression::Call(name, _) => return Err(format!("`{}` makes no block", name.to_uppercase())),
            _ => return Err("it makes no block".to_owned()),
        }
    }
    for (column, least) in lengths {
        let long = |part: &&mut Part| part.0.eq_ignore_ascii_case(&column) && part.1 == Transform::Start(least);
        let part = parts.iter_mut().find(long).ok_or("`LENGTH` is of no part that is that long")?;
        part.1 = Transform::Prefix(least);
    }
    Ok(parts)
}

/// Reads the two sides of an equality.
fn part(sides: &[Expression]) -> Result<Part, String> {
    let [left, right] = sides else { return Err("it makes no block".to_owned()) };
    let (table_l, column, made) = side(left)?;
    let (table_r, column_r, made_r) = side(right)?;
    let both = [&table_l, &table_r].map(|table| table.to_ascii_lowercase());
    if !matches!(both.each_ref().map(String::as_str), ["l", "r"] | ["r", "l"]) {
        return Err("it does not compare `l` with `r`".to_owned());
    }
    if !column.eq_ignore_ascii_case(&column_r) || made != made_r {
        return Err("the two sides are not alike; a part here is of one field".to_owned());
    }
    Ok((column, made))
}

/// The table, the column, and what is made of it.
fn side(expression: &Expression) -> Result<(String, String, Transform), String> {
    let (column, made) = match expression {
        Expression::Column(column) => (column, Transform::Whole),
        Expression::Call(name, arguments) => match (name.as_str(), arguments.as_slice()) {
            (
                "substr" | "substring",
                [Expression::Column(column), Expression::Number(1.0), Expression::Number(length)],
            )
            | ("left", [Expression::Column(column), Expression::Number(length)]) => {
                (column, Transform::Start(whole(*length)?))
            }
            _ => return Err(format!("no part of a rule here is like `{}`", name.to_uppercase())),
        },
        _ => return Err("it compares no column".to_owned()),
    };
    let Column { table, name } = column.clone();
    Ok((table, name, made))
}

/// Reads the two sides of `LENGTH(l.column) >= length`.
fn length(sides: &[Expression]) -> Result<(String, usize), String> {
    match sides {
        [Expression::Call(name, arguments), Expression::Number(least)] if name == "length" => {
            match arguments.as_slice() {
                [Expression::Column(column)] => Ok((column.name.clone(), whole(*least)?)),
                _ => Err("`LENGTH` is of no column".to_owned()),
            }
        }
        _ => Err("`>=` makes no block".to_owned()),
    }
}

fn whole(number: f64) -> Result<usize, String> {
    let whole = number as usize;
    if number >= 1.0 && whole as f64 == number { Ok(whole) } else { Err(format!("`{number}` is no length")) }
}

/// The SQL of one part.
///
/// # Errors
/// What is in the way, in words.
pub(super) fn sql(column: &str, transform: Transform) -> Result<String, &'static str> {
    let column = quoted(column);
    let start = |length: usize| format!("SUBSTR(l.{column}, 1, {length}) = SUBSTR(r.{column}, 1, {length})");
    match transform {
        Transform::Whole => Ok(format!("l.{column} = r.{column}")),
        Transform::Start(length) => Ok(start(length)),
        Transform::Prefix(length) => Ok(format!("{} AND LENGTH(l.{column}) >= {length}", start(length))),
        _ => Err("only whole values and their first characters become SQL"),
    }
}
