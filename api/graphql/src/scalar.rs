//! Scalars of our own: days, moments, exact numbers and files.

use std::{borrow::Cow, io};

use async_graphql::{
    Context, InputType, InputValueError, InputValueResult, Scalar, ScalarType, UploadValue, Value,
    registry::{MetaType, MetaTypeId, Registry},
};
use chrono::{Datelike, NaiveDate, SecondsFormat, Utc};
use domain::quantity::decimal;

/// The years that RFC 3339 can write: whatever a library reads beyond them, no database keeps.
const YEARS: std::ops::RangeInclusive<i32> = 0..=9999;

/// The name of a scalar, what one looks like, and whether a value is one.
pub type ScalarRule = (&'static str, &'static str, fn(&Value) -> bool);

/// The scalars of our own but `Upload`.
pub const SCALARS: [ScalarRule; 4] = [
    ("Date", "2022-12-31", takes::<Date>),
    ("DateTime", "2022-05-27T08:00:00Z", takes::<DateTime>),
    ("Decimal", "\"18000\"", takes::<Decimal>),
    ("JSON", "{}", takes::<Json>),
];

fn takes<S: InputType>(value: &Value) -> bool {
    S::parse(Some(value.clone())).is_ok()
}

/// A day, ISO 8601: `2022-12-31`. Days begin at midnight in China (UTC+8).
pub(crate) struct Date(pub(crate) NaiveDate);

/// A day, ISO 8601: `2022-12-31`. Days begin at midnight in China (UTC+8).
#[Scalar(
    name = "Date",
    specified_by_url = "https://scalars.graphql.org/andimarek/local-date"
)]
impl ScalarType for Date {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::String(text) => text
                .parse()
                .ok()
                .filter(|day: &NaiveDate| YEARS.contains(&day.year()) && day.to_string() == *text)
                .map(Self)
                .ok_or_else(|| InputValueError::expected_type(value)),
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// A moment as a `DateTime` is written.
pub fn moment(text: &str) -> Option<chrono::DateTime<chrono::Utc>> {
    let moment = chrono::DateTime::parse_from_rfc3339(text).ok()?;
    YEARS.contains(&moment.year()).then(|| moment.to_utc())
}

/// A moment, RFC 3339 with offset.
pub(crate) struct DateTime(pub(crate) chrono::DateTime<Utc>);

/// A moment, RFC 3339 with offset: `2022-05-27T08:00:00Z`.
#[Scalar(
    name = "DateTime",
    specified_by_url = "https://scalars.graphql.org/andimarek/date-time"
)]
impl ScalarType for DateTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::String(text) => moment(text)
                .map(Self)
                .ok_or_else(|| InputValueError::expected_type(value)),
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_rfc3339_opts(SecondsFormat::AutoSi, true))
    }
}

/// An exact decimal number, as a string.
pub(crate) struct Decimal(pub(crate) String);

/// An exact decimal number, as a string of at most 20 digits without grouping or exponent: `"18000"`, `"-0.5"`.
#[Scalar(name = "Decimal")]
impl ScalarType for Decimal {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            Value::String(text) if decimal(&text).is_some() => Ok(Self(text)),
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}

/// A file beside the request: async-graphql's own, with a description.
pub(crate) struct Upload(async_graphql::Upload);

impl Upload {
    /// The file.
    ///
    /// # Errors
    /// There is none.
    pub(crate) fn value(&self, ctx: &Context<'_>) -> io::Result<UploadValue> {
        self.0.value(ctx)
    }
}

impl InputType for Upload {
    type RawValueType = Self;

    fn type_name() -> Cow<'static, str> {
        async_graphql::Upload::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        registry.create_input_type::<Self, _>(MetaTypeId::Scalar, |_| MetaType::Scalar {
            name: Self::type_name().into_owned(),
            description: Some("A file that comes beside the request, by the GraphQL multipart request specification: the variable is null in its place.".to_owned()),
            is_valid: None,
            visible: None,
            inaccessible: false,
            tags: Vec::new(),
            specified_by_url: Some(
                "https://github.com/jaydenseric/graphql-multipart-request-spec".to_owned(),
            ),
            directive_invocations: Vec::new(),
            requires_scopes: Vec::new(),
        })
    }

    fn parse(value: Option<Value>) -> InputValueResult<Self> {
        let parsed = async_graphql::Upload::parse(value);
        parsed.map(Self).map_err(InputValueError::propagate)
    }

    fn to_value(&self) -> Value {
        self.0.to_value()
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }
}

/// Any JSON value; answered only.
pub(crate) struct Json(pub(crate) serde_json::Value);

/// Any JSON value: an object, a list, a text, a number, true, false or null.
#[Scalar(name = "JSON")]
impl ScalarType for Json {
    fn parse(value: Value) -> InputValueResult<Self> {
        Ok(Self(value.into_json()?))
    }

    fn to_value(&self) -> Value {
        // What came from JSON has its form here, too.
        Value::from_json(self.0.clone()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_each_scalar_takes() {
        for (name, text, fits) in [
            ("Date", "2022-12-31", true),
            ("Date", "2024-02-29", true),
            ("Date", "2022-02-29", false),
            ("Date", "2022-02-30", false),
            ("Date", "2022-2-3", false),
            ("Date", "2022-12-31T00:00:00Z", false),
            ("Date", "+12022-12-31", false),
            ("Date", "-0001-12-31", false),
            ("Date", "2022/12/31", false),
            ("Date", "", false),
            ("DateTime", "2022-05-27T08:00:00Z", true),
            ("DateTime", "2022-05-27T16:00:00.5+08:00", true),
            ("DateTime", "2022-05-27T08:00:00", false),
            ("DateTime", "2022-05-27", false),
            ("DateTime", "2022-05-27T25:00:00Z", false),
            ("DateTime", "+12022-05-27T08:00:00Z", false),
            ("Decimal", "18000", true),
            ("Decimal", "-0.50", true),
            ("Decimal", "12345678901234567890", true),
            ("Decimal", "1234567890123456789012", false),
            ("Decimal", "abc", false),
            ("Decimal", "1e3", false),
            ("Decimal", "1,000", false),
            ("Decimal", " 1", false),
            ("Decimal", "", false),
        ] {
            let scalar = SCALARS.iter().find(|(known, ..)| *known == name);
            let (_, _, takes) = scalar.unwrap();
            assert_eq!(
                takes(&Value::String(text.to_owned())),
                fits,
                "{name} {text}"
            );
            assert!(!takes(&Value::Boolean(true)) && !takes(&Value::from(2022)));
        }
        // Every one takes its own example.
        for (name, example, takes) in SCALARS {
            let value = Value::String(example.trim_matches('"').to_owned());
            assert!(takes(&value), "{name}");
        }
    }
}
