//! Describes a violation only in words of the schema, because the library's own texts quote the
//! document.

use std::collections::HashSet;

use jsonschema::ValidationError;
use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use jsonschema::paths::{Location, LocationSegment};

/// For example `/items/0/price: expected number, string or null (type)`.
pub(crate) fn describe(error: &ValidationError<'_>, names: &HashSet<String>) -> String {
    let kind = error.kind();
    format!("{}: {} ({})", place(error.instance_path(), names), expectation(kind), kind.keyword())
}

/// The JSON pointer of the value. A name that the schema does not mention is shown as `*`, because
/// it is text of the document.
fn place(path: &Location, names: &HashSet<String>) -> String {
    if path.is_empty() {
        return "document".into();
    }
    let segment = |segment: LocationSegment<'_>| match segment {
        LocationSegment::Index(index) => format!("/{index}"),
        LocationSegment::Property(name) if names.contains(name.as_ref()) => {
            format!("/{}", name.replace('~', "~0").replace('/', "~1"))
        }
        LocationSegment::Property(_) => "/*".into(),
    };
    path.segments().map(segment).collect()
}

fn expectation(kind: &Kind) -> String {
    match kind {
        Kind::Type { kind } => format!("expected {}", types(kind)),
        Kind::Required { property } => format!("{property} is missing"),
        Kind::Format { format } => format!("expected format {format}"),
        Kind::Pattern { pattern } => format!("expected a match of {pattern}"),
        Kind::Enum { options } => format!("expected one of {options}"),
        Kind::Constant { expected_value } => format!("expected {expected_value}"),
        Kind::MinLength { limit } => format!("expected {limit} or more characters"),
        Kind::MaxLength { limit } => format!("expected {limit} or fewer characters"),
        Kind::MinItems { limit } => format!("expected {limit} or more elements"),
        Kind::MaxItems { limit } => format!("expected {limit} or fewer elements"),
        Kind::MinProperties { limit } => format!("expected {limit} or more members"),
        Kind::MaxProperties { limit } => format!("expected {limit} or fewer members"),
        Kind::Minimum { limit } => format!("expected at least {limit}"),
        Kind::Maximum { limit } => format!("expected at most {limit}"),
        Kind::ExclusiveMinimum { limit } => format!("expected more than {limit}"),
        Kind::ExclusiveMaximum { limit } => format!("expected less than {limit}"),
        Kind::MultipleOf { multiple_of } => format!("expected a multiple of {multiple_of}"),
        Kind::AdditionalProperties { .. } | Kind::UnevaluatedProperties { .. } => {
            "expected no further members".into()
        }
        Kind::AdditionalItems { .. } | Kind::UnevaluatedItems { .. } => {
            "expected no further elements".into()
        }
        Kind::UniqueItems => "expected no two equal elements".into(),
        Kind::AnyOf { .. } | Kind::OneOfNotValid { .. } => "fits none of the alternatives".into(),
        Kind::OneOfMultipleValid { .. } => "fits more than one alternative".into(),
        Kind::PropertyNames { error } => format!("a member name: {}", expectation(error.kind())),
        _ => "does not fit".into(),
    }
}

fn types(kind: &TypeKind) -> String {
    let names: Vec<String> = match kind {
        TypeKind::Single(name) => vec![name.to_string()],
        TypeKind::Multiple(names) => names.iter().map(|name| name.to_string()).collect(),
    };
    match names.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => "no type".into(),
    }
}
