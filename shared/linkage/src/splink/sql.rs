//! The SQL expressions that Splink makes: enough of the language to tell its conditions apart.

use std::fmt;

/// An expression. Operators and keywords are calls too: `a <= 1` is `<=` of two arguments, `CAST(a AS TEXT)` is
/// `cast text` of one. `AND` and `OR` have any number of arguments; parentheses leave no trace.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Expression {
    /// A column.
    Column(Column),
    /// A number.
    Number(f64),
    /// A text in single quotes.
    Text(String),
    /// A function, operator or keyword, in lower case.
    Call(String, Vec<Expression>),
}

/// A column, perhaps of a table. Equal whatever the case, as in DuckDB.
#[derive(Debug, Clone)]
pub(super) struct Column {
    /// `l` in `l.a`; empty without a table.
    pub(super) table: String,
    /// Its name without quotes.
    pub(super) name: String,
}

impl PartialEq for Column {
    fn eq(&self, other: &Self) -> bool {
        self.table.eq_ignore_ascii_case(&other.table) && self.name.eq_ignore_ascii_case(&other.name)
    }
}

/// Reads an expression.
///
/// # Errors
/// What was not understood, in words.
pub(super) fn parse(sql: &str) -> Result<Expression, String> {
    let mut parser = Parser { tokens: tokens(sql)?, next: 0, depth: 0 };
    let expression = parser.any_of()?;
    match parser.tokens.get(parser.next) {
        None => Ok(expression),
        Some(token) => Err(format!("`{token}` is not understood there")),
    }
}

/// A name in double quotes, as SQL has it.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    /// A name or keyword without quotes.
    Word(String),
    /// A name in double quotes.
    Quoted(String),
    Text(String),
    Number(f64),
    /// An operator, parenthesis or comma.
    Sign(&'static str),
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Word(text) | Self::Quoted(text) | Self::Text(text) => f.write_str(text),
            Self::Number(number) => number.fmt(f),
            Self::Sign(sign) => f.write_str(sign),
        }
    }
}

/// The longer before the shorter ones that they begin with.
const SIGNS: [&str; 15] = ["<=", ">=", "<>", "!=", "<", ">", "=", "(", ")", ",", ".", "+", "-", "*", "/"];

fn tokens(sql: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = sql.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, behind) = match first {
            '"' => quotation(rest, '"').map(|(text, behind)| (Token::Quoted(text), behind))?,
            '\'' => quotation(rest, '\'').map(|(text, behind)| (Token::Text(text), behind))?,
            _ if first.is_ascii_digit() => number(rest)?,
            _ if first.is_alphabetic() || first == '_' => {
                let end = rest.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(rest.len());
                (Token::Word(rest[..end].to_owned()), &rest[end..])
            }
            _ => {
                let sign = SIGNS.into_iter().find(|sign| rest.starts_with(sign));
                let sign = sign.ok_or_else(|| format!("`{first}` is not understood"))?;
                (Token::Sign(sign), &rest[sign.len()..])
            }
        };
        tokens.push(token);
        rest = behind.trim_start();
    }
    Ok(tokens)
}

/// The text between quotes, which stand twice inside it, and what is behind.
fn quotation(sql: &str, quote: char) -> Result<(String, &str), String> {
    let (mut text, mut rest) = (String::new(), &sql[1..]);
    while let Some((piece, behind)) = rest.split_once(quote) {
        text.push_str(piece);
        let Some(again) = behind.strip_prefix(quote) else { return Ok((text, behind)) };
        text.push(quote);
        rest = again;
    }
    Err(format!("`{quote}` is never closed"))
}

fn number(sql: &str) -> Result<(Token, &str), String> {
    let plain = |letter: char| letter.is_ascii_digit() || matches!(letter, '.' | 'e' | 'E');
    // A sign belongs to the number only right behind the e of an exponent.
    let mut letters = sql.char_indices().zip(std::iter::once(' ').chain(sql.chars()));
    let end = letters
        .find(|((_, letter), before)| !(plain(*letter) || matches!(letter, '+' | '-') && matches!(before, 'e' | 'E')));
    let (text, behind) = sql.split_at(end.map_or(sql.len(), |((place, _), _)| place));
    let number = text.parse().map_err(|_| format!("`{text}` is no number"))?;
    Ok((Token::Number(number), behind))
}

struct Parser {
    tokens: Vec<Token>,
    next: usize,
    depth: usize,
}

/// Expressions inside each other; Splink's own stay far below.
const MOST_DEPTH: usize = 64;

type Parsed = Result<Expression, String>;

fn call(name: &str, arguments: Vec<Expression>) -> Expression {
    Expression::Call(name.to_owned(), arguments)
}

impl Parser {
    /// Whether the next token is this keyword or sign; if so it is behind us.
    fn take(&mut self, wanted: &str) -> bool {
        let found = match self.tokens.get(self.next) {
            Some(Token::Word(word)) => word.eq_ignore_ascii_case(wanted),
            Some(Token::Sign(sign)) => *sign == wanted,
            _ => false,
        };
        self.next += usize::from(found);
        found
    }

    fn expect(&mut self, wanted: &str) -> Result<(), String> {
        if self.take(wanted) { Ok(()) } else { Err(format!("`{}` is missing", wanted.to_uppercase())) }
    }

    /// A part inside the part at hand, unless it is too deep inside.
    fn inner(&mut self, part: impl Fn(&mut Self) -> Parsed) -> Parsed {
        if self.depth == MOST_DEPTH {
            return Err("it is nested too deep".to_owned());
        }
        self.depth += 1;
        let parsed = part(self);
        self.depth -= 1;
        parsed
    }

    fn any_of(&mut self) -> Parsed {
        self.inner(|parser| parser.joined("or", |parser| parser.joined("and", Self::negation)))
    }

    /// One part, or several with a keyword between them; those of the same keyword in parentheses become parts too.
    fn joined(&mut self, keyword: &str, part: impl Fn(&mut Self) -> Parsed) -> Parsed {
        let first = part(self)?;
        let mut parts = vec![first];
        while self.take(keyword) {
            parts.push(part(self)?);
        }
        if parts.len() == 1 {
            return Ok(parts.remove(0));
        }
        let flat = |part: Expression| match part {
            Expression::Call(name, inner) if name == keyword => inner,
            other => vec![other],
        };
        Ok(call(keyword, parts.into_iter().flat_map(flat).collect()))
    }

    fn negation(&mut self) -> Parsed {
        if self.take("not") { Ok(call("not", vec![self.inner(Self::negation)?])) } else { self.comparison() }
    }

    fn comparison(&mut self) -> Parsed {
        let left = self.sum()?;
        if self.take("is") {
            let name = if self.take("not") { "is not null" } else { "is null" };
            self.expect("null")?;
            return Ok(call(name, vec![left]));
        }
        for sign in &SIGNS[..7] {
            if self.take(sign) {
                return Ok(call(sign, vec![left, self.sum()?]));
            }
        }
        Ok(left)
    }

    fn sum(&mut self) -> Parsed {
        self.chain(["+", "-"], |parser| parser.chain(["*", "/"], Self::value))
    }

    /// Operations of one rank, from left to right.
    fn chain(&mut self, signs: [&str; 2], part: impl Fn(&mut Self) -> Parsed) -> Parsed {
        let mut left = part(self)?;
        while let Some(sign) = signs.into_iter().find(|sign| self.take(sign)) {
            left = call(sign, vec![left, part(self)?]);
        }
        Ok(left)
    }

    fn value(&mut self) -> Parsed {
        if self.take("(") {
            let inner = self.any_of()?;
            self.expect(")")?;
            return Ok(inner);
        }
        if self.take("-") {
            return Ok(match self.inner(Self::value)? {
                Expression::Number(number) => Expression::Number(-number),
                other => call("-", vec![other]),
            });
        }
        if self.take("case") {
            return self.case();
        }
        let token = self.tokens.get(self.next).cloned().ok_or("the SQL ends too early")?;
        self.next += 1;
        match token {
            Token::Number(number) => Ok(Expression::Number(number)),
            Token::Text(text) => Ok(Expression::Text(text)),
            Token::Quoted(name) => self.column(name),
            Token::Word(name) if self.take("(") => self.arguments(&name.to_lowercase()),
            Token::Word(name) => self.column(name),
            Token::Sign(sign) => Err(format!("`{sign}` is not understood there")),
        }
    }

    fn column(&mut self, name: String) -> Parsed {
        if !self.take(".") {
            return Ok(Expression::Column(Column { table: String::new(), name }));
        }
        match self.tokens.get(self.next).cloned() {
            Some(Token::Word(column) | Token::Quoted(column)) => {
                self.next += 1;
                Ok(Expression::Column(Column { table: name, name: column }))
            }
            _ => Err(format!("`{name}.` names no column")),
        }
    }

    fn arguments(&mut self, name: &str) -> Parsed {
        let mut arguments = Vec::new();
        while !self.take(")") {
            if !arguments.is_empty() {
                self.expect(",")?;
            }
            arguments.push(self.any_of()?);
            if matches!(name, "cast" | "try_cast") {
                self.expect("as")?;
                let Some(Token::Word(kind)) = self.tokens.get(self.next).cloned() else {
                    return Err(format!("`{name}` names no type"));
                };
                self.next += 1;
                self.expect(")")?;
                return Ok(call(&format!("{name} {}", kind.to_lowercase()), arguments));
            }
        }
        Ok(call(name, arguments))
    }

    fn case(&mut self) -> Parsed {
        let mut parts = Vec::new();
        while self.take("when") {
            parts.push(self.any_of()?);
            self.expect("then")?;
            parts.push(self.any_of()?);
        }
        if self.take("else") {
            parts.push(self.any_of()?);
        }
        self.expect("end")?;
        Ok(call("case", parts))
    }
}
